import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionError } from '@patina/client'
import type { Command, CommandIo } from './command.ts'
import { type Program, runProgram } from './program.ts'
import { StartRefusal, UsageError } from './refusal.ts'

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** One command `do WORD` that ends as `run` does. */
async function runSample(run: Command['run'], ...argv: string[]): Promise<Run> {
  const program: Program = {
    name: 'sample',
    meaning: 'a program of one command',
    version: '1.2.3',
    commands: { do: { usage: 'do WORD', meaning: 'does it', options: {}, run } },
    sharedHelp: 'shared options\n',
  }
  let [out, err] = ['', '']
  const io: CommandIo = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    taken: async () => {},
    environment: {},
    terminal: false,
    interrupted: () => new AbortController().signal,
  }
  return { code: await runProgram(program, argv, io), out, err }
}

const never: Command['run'] = async () => assert.fail('the command was run')

test('a command gets what follows its name, and its exit code is the program’s', async () => {
  const ran = await runSample(
    async (argv, io) => {
      io.out(argv.join(' '))
      return 7
    },
    'do',
    'a',
    '--b',
  )
  assert.deepEqual(ran, { code: 7, out: 'a --b', err: '' })
})

test('help of the program and of a command, and the version', async () => {
  const text =
    'sample: a program of one command\n\n  sample do WORD\n      does it\n  sample --version\n\nshared options\n'
  assert.deepEqual(await runSample(never, '--help'), { code: 0, out: text, err: '' })
  assert.deepEqual(await runSample(never, 'do', '-h'), {
    code: 0,
    out: 'sample do WORD\n\ndoes it\n\nshared options\n',
    err: '',
  })
  assert.deepEqual(await runSample(never, '-V'), { code: 0, out: 'sample 1.2.3\n', err: '' })
  assert.deepEqual(await runSample(never, 'undo'), {
    code: 2,
    out: '',
    err: `unknown command undo\n\n${text}`,
  })
})

test('examples stand in the help of their command alone', async () => {
  const command = {
    usage: 'x',
    meaning: 'it',
    options: {},
    examples: ['sample x 1', 'sample x 2'],
    run: never,
  }
  const program = {
    name: 'sample',
    meaning: '',
    version: '1',
    commands: { x: command },
    sharedHelp: 'shared\n',
  }
  let out = ''
  const io = { out: (text: string) => (out += text) } as unknown as Parameters<typeof runProgram>[2]
  await runProgram(program, ['x', '--help'], io)
  assert.equal(out, 'sample x\n\nit\n\n  sample x 1\n  sample x 2\n\nshared\n')
  out = ''
  await runProgram(program, ['--help'], io)
  assert.doesNotMatch(out, /sample x 1/)
})

test('each refusal is a sentence and its exit code', async () => {
  const cases: readonly (readonly [Error, number, string])[] = [
    [new UsageError('WORD is missing'), 2, 'WORD is missing\nusage: sample do WORD\n'],
    [new StartRefusal('no disk'), 1, 'no disk\n'],
    [new ConnectionError('unreachable', 'here', 'refused'), 3, 'cannot reach the agent at here: refused\n'],
    [
      new ConnectionError('broken', 'here', 'cut off'),
      1,
      'the connection to the agent at here broke: cut off\n',
    ],
  ]
  for (const [refusal, code, sentence] of cases)
    assert.deepEqual(await runSample(() => Promise.reject(refusal), 'do'), { code, out: '', err: sentence })
})

test('a fault of the program is no refusal', async () => {
  const fault = new TypeError('undefined is not a function')
  await assert.rejects(
    runSample(() => Promise.reject(fault), 'do'),
    fault,
  )
})
