/**
 * LastWill: what becomes of a folder, and of the process groups that were started to work in it, when their program ends without
 * a word: Ctrl-C, SIGKILL, a crash. A shell outside the program's own group hears of its end by its standard input; it kills
 * those groups whose leader still names the folder in its command line, and removes the folder. Whoever else looks into the folder
 * is left alone. Does nothing where the program cleans up itself.
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

const SCRIPT = `IFS= read -r folder || exit 0
leaders=
while IFS= read -r line; do
  [ "$line" = revoked ] && exit 0
  leaders="$leaders $line"
done
for leader in $leaders; do
  case "$(ps -o args= -p "$leader")" in *"$folder"*) kill -s KILL -- "-$leader" ;; esac
done
sleep 0.5
rm -rf -- "$folder"`

export class LastWill {
  /** A pipe, which Node makes a socket. */
  readonly #pipe: Socket

  /** `folder`: of this program alone. */
  constructor(folder: string) {
    const shell = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    // It keeps no program alive, and is no reason to fail where there is no shell.
    shell.unref()
    shell.on('error', () => {})
    this.#pipe = shell.stdin as Socket
    this.#pipe.unref()
    this.#pipe.on('error', () => {})
    this.#pipe.write(`${folder}\n`)
  }

  /** The process leads a group of its own; undefined: it could not be started. */
  covers(leader: number | undefined): void {
    if (leader !== undefined) this.#pipe.write(`${leader}\n`)
  }

  /** The program has cleaned up, or leaves all as it is. */
  revoke(): void {
    this.#pipe.end('revoked\n')
  }
}
