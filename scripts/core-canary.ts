// @ts-expect-error A core has no timers. If this line compiles, an import brought Node's types into tsconfig.core.json.
export const canary = setTimeout
