/** A member as people name it on the command line: by its name, its address or its actor. */
import type { Member } from '@patina/client'
import { StartRefusal } from '@patina/program'

const ACTOR_PATTERN = /^[0-9a-f]{32}$/

/** Empty where it is no member any more, as most actors are in the end. */
export function nameOf(actor: string, members: readonly Member[]): string {
  return members.find((member) => member.actor === actor)?.name ?? ''
}

/** An actor as it is, so that members are found that only the agent's explanation knows. */
export function actorOf(wanted: string, members: readonly Member[]): string {
  const found = members.filter(({ actor, name, addr }) => [actor, name, addr].includes(wanted))
  const [first, second] = found
  if (second !== undefined)
    throw new StartRefusal(`${found.length} members are named ${wanted}; give the address or the actor`)
  if (first !== undefined) return first.actor
  if (ACTOR_PATTERN.test(wanted)) return wanted
  throw new StartRefusal(`no member has the name, address or actor ${wanted}`)
}
