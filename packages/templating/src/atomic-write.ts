/**
 * Writes a file so that whoever reads it sees the old content or the new one, whole: a temporary file in the same folder (a rename
 * does not cross devices), synced, with the mode and the owner of the file that it replaces. What is there already is not written.
 * A link stays a link: the file that it leads to is replaced. Access lists and extended attributes are not kept.
 */
import { randomBytes } from 'node:crypto'
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

export interface WriteOptions {
  readonly mode?: number | undefined
  /** The content that is replaced stays as `PATH.bak`. */
  readonly backup?: boolean
}

/** `ownerKept`: false where this process may not give the file to its owner. */
export type WriteOutcome =
  | { readonly kind: 'equal' }
  | { readonly kind: 'written'; readonly bytes: number; readonly ownerKept: boolean }

/** The path leads to nothing that can be replaced by a file. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused'
}

interface Standing {
  readonly size: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

const MODE_BITS = 0o7777
/** As of a file that `open` creates without asking for more; the mask of the process takes from it. */
const NEW_MODE = 0o666
const LINKS_MAX = 40

/** Throws what the file system says. Then the file is as it was, and nothing lies beside it. */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  { mode, backup = false }: WriteOptions = {},
): Promise<WriteOutcome> {
  if (await isWritten(path, content, mode)) return { kind: 'equal' }
  const target = await followLinks(resolve(path))
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const standing = await standingOf(target)
  await mkdir(dirname(target), { recursive: true })
  const temporary = join(dirname(target), temporaryName(target))
  try {
    const ownerKept = await writeNew(temporary, bytes, { mode, standing })
    if (backup && standing !== undefined) await keepBackup(target, `${temporary}-bak`)
    await rename(temporary, target)
    await syncFolder(dirname(target))
    return { kind: 'written', bytes: bytes.length, ownerKept }
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}

/** True where the file has this content and mode already. Reads no file of another length. */
export async function isWritten(
  path: string,
  content: string | Uint8Array,
  mode: number | undefined,
): Promise<boolean> {
  const standing = await standingOf(path)
  if (standing === undefined || (mode !== undefined && (standing.mode & MODE_BITS) !== mode)) return false
  const bytes = Buffer.from(content)
  return standing.size === bytes.length && bytes.equals(await readFile(path))
}

/** Removes what a killed process has left beside `path`. */
export async function removeLeftovers(path: string): Promise<void> {
  const target = await followLinks(resolve(path))
  const name = basename(target)
  const names = await readdir(dirname(target)).catch(() => [])
  const left = names.filter(
    (each) => each.startsWith(`.${name}.`) && LEFTOVER.test(each.slice(name.length + 2)),
  )
  await Promise.all(left.map((each) => rm(join(dirname(target), each), { force: true })))
}

const LEFTOVER = /^[0-9a-f]{16}\.tmp(?:-bak)?$/

/** With a leading dot and another ending, so that no `*.conf` includes it. Not to be guessed, where others may write too. */
function temporaryName(target: string): string {
  return `.${basename(target)}.${randomBytes(8).toString('hex')}.tmp`
}

interface NewFile {
  readonly mode: number | undefined
  readonly standing: Standing | undefined
}

async function writeNew(path: string, bytes: Uint8Array, { mode, standing }: NewFile): Promise<boolean> {
  // Nobody else reads it before it has its mode.
  const file = await open(path, 'wx', standing === undefined && mode === undefined ? NEW_MODE : 0o600)
  try {
    await file.writeFile(bytes)
    const ownerKept = standing === undefined || (await giveTo(file, standing))
    const wanted = mode ?? standing?.mode
    // After the owner: a change of owner takes set-id bits away.
    if (wanted !== undefined) await file.chmod(wanted & MODE_BITS)
    await file.sync()
    return ownerKept
  } finally {
    await file.close()
  }
}

async function giveTo(file: FileHandle, { uid, gid }: Standing): Promise<boolean> {
  const own = await file.stat()
  if (own.uid === uid && own.gid === gid) return true
  try {
    await file.chown(uid, gid)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EPERM') return false
    throw cause
  }
}

/** The old content under a second name; renamed, so that there is always one. */
async function keepBackup(target: string, temporary: string): Promise<void> {
  await link(target, temporary)
  await rename(temporary, `${target}.bak`)
}

async function standingOf(path: string): Promise<Standing | undefined> {
  try {
    const found = await stat(path)
    if (found.isFile()) return found
    throw new WriteRefused(`${path} is no file`)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

/** Where a file is written in the end; it need not be there. */
async function followLinks(path: string): Promise<string> {
  let at = path
  for (let links = 0; links < LINKS_MAX; links += 1) {
    const next = await readlink(at).catch(() => undefined)
    if (next === undefined) return at
    at = resolve(dirname(at), next)
  }
  throw new WriteRefused(`${path} leads through more than ${LINKS_MAX} links`)
}

/** A rename is on disk with its folder. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
