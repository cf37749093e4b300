/**
 * Reads files that hold keys or certificates: bounded, with errors that name the setting, the file and what to change.
 * Does not look at the content; keyring.ts and tls.ts do.
 */
import { open } from 'node:fs/promises'
import { limits } from './limits.ts'

/** The file's text. Throws a sentence for the operator; `setting` is the configuration key that names the file. */
export async function readSecurityFile(path: string, setting: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > limits.securityFileBytesMax)
        throw new Error(`it has ${size} bytes, more than ${limits.securityFileBytesMax}`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new Error(`${setting} = ${path}: ${reason(cause as NodeJS.ErrnoException)}`, { cause })
  }
}

function reason(cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case 'ENOENT':
      return 'the file does not exist; correct the path or create the file'
    case 'EACCES':
      return 'this user may not read the file; change its owner or mode'
    case 'EISDIR':
      return 'this is a folder; name the file'
    default:
      return `the file cannot be read (${cause.message})`
  }
}
