import assert from 'node:assert/strict'
import test from 'node:test'
import { functionsOf, longestFiles } from './longest.ts'
import { sampleRepository } from './sample-repository.ts'
import { scanSource } from './source-text.ts'

const SOURCE = `export function top(a: number): void {
  if (a) {
    call()
  }
}

const arrow = async (): Promise<void> => {
  call({
    a: 1,
  })
}

class A {
  constructor() {
    this.a = 1
  }

  async #wide(
    a: number,
    b: { c: string },
  ): Promise<void> {
    return a
  }

  *[Symbol.iterator](): IterableIterator<number> {
    yield 1
  }
}

function destructured({
  a,
}: Options): void {
  use(
    a,
  )
}

test('x', () => {
  call()
})
`

test('functions, arrows, methods and heads of several lines are measured; calls and blocks are not', () => {
  const found = functionsOf({ path: 'a.ts', ...scanSource(SOURCE) }).map(
    ({ what, lines }) => `${what} ${lines}`,
  )
  assert.deepEqual(found, [
    'a.ts:1 top 5',
    'a.ts:7 arrow 5',
    'a.ts:14 constructor 3',
    'a.ts:18 #wide 6',
    'a.ts:25 [Symbol.iterator] 3',
    'a.ts:30 destructured 7',
  ])
})

test('the longest files come first; tests are left out', () => {
  const files = { 'src/a.ts': 'x\n', 'src/b.ts': 'x\n\n\n', 'src/c.test.ts': 'x\n\n\n\n' }
  assert.deepEqual(longestFiles(sampleRepository([{ folder: 'packages/base', files }]), 2), [
    { what: 'packages/base/src/b.ts', lines: 3 },
    { what: 'packages/base/src/a.ts', lines: 1 },
  ])
})
