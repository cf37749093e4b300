import assert from 'node:assert/strict'
import test from 'node:test'
import { importsOf } from './imports.ts'
import { scanSource } from './source-text.ts'

function specifiers(text: string): string[] {
  return importsOf(scanSource(text)).map(({ specifier, typeOnly }) =>
    typeOnly ? `type ${specifier}` : specifier,
  )
}

test('every form of import and re-export is found', () => {
  const text = [
    "import './a.ts'",
    "import b from './b.ts'",
    "import {\n  type C,\n  c,\n} from './c.ts'",
    "import * as d from 'node:d'",
    "import type { E } from '@patina/e'",
    "export { f } from './f.ts'",
    "export type * from './g.ts'",
    "export * from './h.ts'",
    "const i = await import('./i.ts')",
  ].join('\n')
  assert.deepEqual(specifiers(text), [
    './a.ts',
    './b.ts',
    './c.ts',
    'node:d',
    'type @patina/e',
    './f.ts',
    'type ./g.ts',
    './h.ts',
    './i.ts',
  ])
})

test('comments, strings and other exports are no imports', () => {
  assert.deepEqual(specifiers("// import './a.ts'\nexport const x = 'from b'\nconst y = \"import('c')\""), [])
  assert.deepEqual(
    specifiers("export function f(): string {\n  return 'x'\n}\nexport const z = from('q')"),
    [],
  )
})

test('an import knows its line', () => {
  assert.equal(importsOf(scanSource("\n\nimport './a.ts'"))[0]?.line, 3)
})
