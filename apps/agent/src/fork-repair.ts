/**
 * ForkRepair: the store's side of what the node machine asks for when an actor has forked or a disk is an old one (docs/adr/0020). When
 * the own actor is given up, the whole agent begins anew under the one that takes its place: membership, sessions and
 * answers to clients all bear the actor, and this happens once in the life of a machine.
 */
import type { ActorId, PortError, Result } from '@patina/base'
import type { NodeEvent } from '@patina/node'
import type { RareLog } from '@patina/program'
import type { ForkEffect } from '@patina/sync'
import type { Logger } from 'pino'
import { sentenceOf } from './port-error.ts'
import type { StoreChild } from './store-child.ts'

export interface ForkRepairOptions {
  readonly store: Pick<StoreChild, 'forks' | 'admitWrites'>
  readonly timeoutMs: number
  readonly log: Pick<Logger, 'error'>
  readonly rareLog: Pick<RareLog, 'tell'>
  /** This agent must begin anew under that actor. */
  readonly renewed: (actor: ActorId) => void
}

/** Until the store is asked once more for what it could not do. */
const RETRY_MS = 1_000

export class ForkRepair {
  readonly #options: ForkRepairOptions
  #isStopped = false

  constructor(options: ForkRepairOptions) {
    this.#options = options
  }

  /** Nothing is asked of the store any more. */
  stop(): void {
    this.#isStopped = true
  }

  /** `self`: who asks. */
  async answer(self: ActorId, effect: ForkEffect): Promise<NodeEvent | undefined> {
    const { store, timeoutMs } = this.#options
    switch (effect.kind) {
      case 'admit-writes':
        store.admitWrites()
        return undefined
      case 'check-own': {
        const { token, version, ts } = effect
        const check = await store.forks('checkOwn', { version, ts }, timeoutMs)
        return { kind: 'own-checked', token, check: check.ok ? check.value : 'unknown' }
      }
      case 'abandon':
        return await this.#abandon(self, effect.actor)
      case 'rewrite': {
        const rewritten = this.#told(await store.forks('rewrite', null, timeoutMs))
        return { kind: 'rewritten', isDone: rewritten?.isDone ?? false }
      }
      case 'keep-forks': {
        const { forks, answered } = effect
        // What is not remembered is asked for once more after a restart.
        this.#told(await store.forks('keepForks', { forks, answered }, timeoutMs))
        return undefined
      }
      case 'list-cleared':
        return {
          kind: 'cleared-listed',
          cleared: this.#told(await store.forks('cleared', null, timeoutMs)),
        }
      case 'apply-again': {
        const { token, changesets } = effect
        const report = this.#told(await store.forks('applyAgain', { changesets }, timeoutMs))
        return report === undefined
          ? { kind: 'apply-again-failed', token }
          : { kind: 'applied-again', token, report }
      }
    }
  }

  async #abandon(self: ActorId, actor: ActorId): Promise<NodeEvent | undefined> {
    const { store, timeoutMs, log, renewed } = this.#options
    log.error(
      { actor, own: actor === self },
      'an actor has written two versions under one number: it is given up',
    )
    while (!this.#isStopped) {
      const abandoned = this.#told(await store.forks('abandon', { actor }, timeoutMs))
      if (abandoned === undefined) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        continue
      }
      if (abandoned.self === self) return { kind: 'abandoned', actor }
      renewed(abandoned.self)
      break
    }
    return undefined
  }

  #told<T>(result: Result<T, PortError>): T | undefined {
    if (result.ok) return result.value
    const { rareLog } = this.#options
    rareLog.tell(
      'warn',
      'forks',
      { reason: sentenceOf(result.error) },
      'the store did not answer about a fork',
    )
    return undefined
  }
}
