/**
 * Table: a table of a scenario file, read once, with every key checked: its type, its range, and that it is known.
 * What is wrong becomes a ScenarioError that says where and what to change.
 */

/** The file says something that this simulator does not understand. Nothing has run. */
export class ScenarioError extends Error {
  constructor(where: string, what: string) {
    super(`${where}: ${what}`)
    this.name = 'ScenarioError'
  }
}

export interface NumberBounds {
  readonly min?: number
  readonly max?: number
  readonly whole?: boolean
}

export class Table {
  readonly where: string
  readonly #values: { readonly [key: string]: unknown }
  readonly #seen = new Set<string>()

  constructor(where: string, value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ScenarioError(where, 'must be a table')
    this.where = where
    this.#values = value as { readonly [key: string]: unknown }
  }

  keys(): string[] {
    return Object.keys(this.#values)
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined
  }

  text(key: string, otherwise?: string): string {
    const value = this.#take(key) ?? otherwise
    if (typeof value !== 'string') throw this.#wrong(key, 'a text', value)
    return value
  }

  number(
    key: string,
    otherwise: number | undefined,
    { min = 0, max = 1e9, whole = false }: NumberBounds = {},
  ): number {
    const value = this.#take(key) ?? otherwise
    if (typeof value !== 'number' || !(value >= min && value <= max) || (whole && !Number.isInteger(value)))
      throw this.#wrong(key, `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`, value)
    return value
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.#take(key) ?? otherwise
    if (typeof value !== 'boolean') throw this.#wrong(key, 'true or false', value)
    return value
  }

  oneOf<T extends string>(key: string, choices: readonly T[], otherwise?: T): T {
    const value = this.#take(key) ?? otherwise
    const choice = choices.find((one) => one === value)
    if (choice === undefined) throw this.#wrong(key, `one of ${choices.join(', ')}`, value)
    return choice
  }

  /** Two numbers, the second not below the first. */
  range(key: string): readonly [number, number] {
    const value = this.#take(key)
    const [first, last] = Array.isArray(value) ? value : []
    if (typeof first !== 'number' || typeof last !== 'number' || first < 0 || last < first)
      throw this.#wrong(key, 'two rising numbers, as [0.5, 4]', value)
    return [first, last]
  }

  numbers(key: string): number[] {
    const value = this.#take(key)
    if (!Array.isArray(value) || !value.every((one) => Number.isInteger(one) && one >= 0))
      throw this.#wrong(key, 'a list of whole numbers', value)
    return value as number[]
  }

  table(key: string): Table {
    return new Table(`${this.where}.${key}`, this.#take(key) ?? {})
  }

  tables(key: string): Table[] {
    const value = this.#take(key) ?? []
    if (!Array.isArray(value)) throw this.#wrong(key, 'a list of tables', value)
    return value.map((one, i) => new Table(`${this.where}.${key}[${i}]`, one))
  }

  /** All values are text; the keys are free. */
  texts(): [string, string][] {
    return this.keys().map((key) => [key, this.text(key)])
  }

  /** Ends the reading: a key that nobody asked for is a mistake in writing. */
  end(): void {
    const unknown = this.keys().find((key) => !this.#seen.has(key))
    if (unknown !== undefined) throw new ScenarioError(this.where, `"${unknown}" is not known here`)
  }

  #take(key: string): unknown {
    this.#seen.add(key)
    return this.#values[key]
  }

  #wrong(key: string, wanted: string, value: unknown): ScenarioError {
    return new ScenarioError(this.where, `${key} must be ${wanted}, not ${JSON.stringify(value)}`)
  }
}
