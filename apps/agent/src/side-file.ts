/**
 * SideFile: a small text beside the database that an agent can do without. Whoever reads sees the old text or the new one; a failure is
 * told and not thrown.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'

export interface SideFileOptions {
  readonly path: string
  /** What is read of it. */
  readonly bytesMax: number
  readonly warn: (reason: string) => void
}

export class SideFile {
  readonly #options: SideFileOptions
  #saved = ''
  /** One write after the other. */
  #saving: Promise<void> = Promise.resolve()

  constructor(options: SideFileOptions) {
    this.#options = options
  }

  /** The lines of the file, without space around them; none where there is no file or it cannot be read. */
  async lines(): Promise<string[]> {
    const { path, bytesMax, warn } = this.#options
    try {
      const bytes = await readFile(path)
      this.#saved = bytes.subarray(0, bytesMax).toString()
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') warn((cause as Error).message)
      return []
    }
    return this.#saved.split('\n').map((line) => line.trim())
  }

  /** True where this text is there already, as far as this process knows. */
  has(text: string): boolean {
    return text === this.#saved
  }

  write(text: string): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write(text))
    return this.#saving
  }

  async #write(text: string): Promise<void> {
    if (this.has(text)) return
    const { path, warn } = this.#options
    try {
      await writeFile(`${path}.new`, text)
      await rename(`${path}.new`, path)
      this.#saved = text
    } catch (cause) {
      warn((cause as Error).message)
    }
  }
}
