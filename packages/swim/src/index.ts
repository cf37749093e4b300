export type { MemberMetadata, MemberState, MemberView, Notification } from './notification.ts'
