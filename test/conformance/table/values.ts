/**
 * Values in and out: what each JSON value binds as, and how it is written when it comes back, from a parameter, from a
 * stored row and from a subscription. Numbers keep their kind: an INTEGER has no point, a REAL always has one or an exponent.
 */
import { type Exchange, post, type Scenario, type Step } from '../src/exchange.ts'

type StorageClass = 'integer' | 'real' | 'text' | 'blob' | 'null'

/** What a client writes, what it is in SQLite, and what a client reads (the same text where nothing is given). */
type Value = readonly [written: string, storage: StorageClass, read?: string]

const ALL_BYTES = `[${Array.from({ length: 256 }, (_, byte) => byte).join(',')}]`
const TEN_TO_30 = `1${'0'.repeat(30)}`

const INTEGERS: readonly Value[] = [
  ['0', 'integer'],
  ['-0', 'integer', '0'],
  ['1', 'integer'],
  ['-1', 'integer'],
  ['9007199254740991', 'integer'],
  ['9007199254740992', 'integer'],
  ['9007199254740993', 'integer'],
  ['-9007199254740993', 'integer'],
  ['999999999999999999', 'integer'],
  ['9223372036854775807', 'integer'],
  ['-9223372036854775808', 'integer'],
  ['true', 'integer', '1'],
  ['false', 'integer', '0'],
]

const REALS: readonly Value[] = [
  ['1.0', 'real'],
  ['-1.0', 'real'],
  ['0.0', 'real'],
  ['1e0', 'real', '1.0'],
  ['1E2', 'real', '100.0'],
  ['1e+2', 'real', '100.0'],
  ['0.1', 'real'],
  ['1.50', 'real', '1.5'],
  ['1e-7', 'real'],
  ['123456789012345.0', 'real'],
  ['9007199254740993.0', 'real', '9007199254740992.0'],
  ['1e20', 'real', '100000000000000000000.0'],
  ['1e21', 'real', '1e+21'],
  ['1.7976931348623157e308', 'real', '1.7976931348623157e+308'],
  ['-1.7976931348623157e308', 'real', '-1.7976931348623157e+308'],
  ['2.2250738585072014e-308', 'real'],
  ['5e-324', 'real'],
  ['1e-400', 'real', '0.0'],
]

const BEYOND_INT64: readonly Value[] = [
  ['9223372036854775808', 'real', '9223372036854776000.0'],
  ['-9223372036854775809', 'real', '-9223372036854776000.0'],
  ['18446744073709551615', 'real', '18446744073709552000.0'],
  [TEN_TO_30, 'real', '1e+30'],
]

const TEXTS: readonly Value[] = [
  ['""', 'text'],
  ['"1"', 'text'],
  ['"1.0"', 'text'],
  ['"é😀"', 'text'],
  ['"\\u00e9\\ud83d\\ude00"', 'text', '"é😀"'],
  ['"a\\n\\"\\\\\\/"', 'text', '"a\\n\\"\\\\/"'],
  ['null', 'null'],
]

const BLOBS: readonly Value[] = [
  ['[]', 'blob'],
  ['[0]', 'blob'],
  ['[255]', 'blob'],
  ['[ 1, 2 ]', 'blob', '[1,2]'],
  [ALL_BYTES, 'blob'],
]

const JSON_TEXTS: readonly Value[] = [
  ['[256]', 'text', '"[256]"'],
  ['[-1]', 'text', '"[-1]"'],
  ['[1.0]', 'text', '"[1.0]"'],
  ['[1e2,1]', 'text', '"[100.0,1]"'],
  ['[0.5]', 'text', '"[0.5]"'],
  ['[null]', 'text', '"[null]"'],
  ['[true]', 'text', '"[true]"'],
  ['["a"]', 'text', '"[\\"a\\"]"'],
  ['[[]]', 'text', '"[[]]"'],
  ['{}', 'text', '"{}"'],
  ['{ "a" : 1 }', 'text', '"{\\"a\\":1}"'],
  [
    '{"a":1.0,"b":[9007199254740993],"c":{"d":9223372036854775807}}',
    'text',
    '"{\\"a\\":1.0,\\"b\\":[9007199254740993],\\"c\\":{\\"d\\":9223372036854775807}}"',
  ],
]

const EOQ = '{"eoq":{"time":<seconds>}}'

/** The value in a parameter of its own, so that nothing else in the body decides how it is read. */
function asParameter([written, storage, read = written]: Value): Exchange {
  return post('/v1/queries', `["SELECT typeof(?1) AS t, ?1 AS v", [${written}]]`, {
    status: 200,
    lines: ['{"columns":["t","v"]}', `{"row":[1,["${storage}",${read}]]}`, EOQ],
    ...(isJsonText(written) ? { differs: ['json-parameters'] } : {}),
  })
}

function isJsonText(written: string): boolean {
  return JSON_TEXTS.some(([text]) => text === written)
}

/** All of them in one transaction, read back by a query and by a subscription. `like` names this scenario. */
function stored(like: string, values: readonly Value[]): Step[] {
  const inserts = values.map(
    ([written], at) =>
      `["INSERT INTO items (id, v) VALUES (?, ?)", ["${String(at).padStart(3, '0')}", ${written}]]`,
  )
  const rows = values.map(
    ([written, storage, read = written], at) => `{"row":[${at + 1},["${storage}",${read}]]}`,
  )
  const columns = '{"columns":["t","v"]}'
  const select = `"SELECT typeof(v) AS t, v FROM items WHERE '${like}' <> '' ORDER BY id"`
  return [
    post('/v1/transactions', `[${inserts.join(',')}]`, { status: 200 }),
    post('/v1/queries', select, { status: 200, lines: [columns, ...rows, EOQ] }),
    {
      open: 'live',
      ...post('/v1/subscriptions', select, {
        status: 200,
        lines: [columns, ...rows, '{"eoq":{"time":<seconds>,"change_id":0}}'],
      }),
    },
  ]
}

function roundTrip(says: string, values: readonly Value[]): Scenario {
  return { says, given: [], steps: [...values.map(asParameter), ...stored(says, values)] }
}

/** What `column` makes of a parameter by its affinity. */
function converted(table: string, column: string, written: string, read: string): Step[] {
  return [
    post(
      '/v1/transactions',
      `["DELETE FROM ${table}", ["INSERT INTO ${table} (id, ${column}) VALUES (1, ?)", [${written}]]]`,
      {
        status: 200,
      },
    ),
    post('/v1/queries', `"SELECT ${column} AS v FROM ${table}"`, {
      status: 200,
      lines: ['{"columns":["v"]}', `{"row":[1,[${read}]]}`, EOQ],
    }),
  ]
}

function selected(expression: string, read: string): Exchange {
  return post('/v1/queries', JSON.stringify(`SELECT ${expression} AS v`), {
    status: 200,
    lines: ['{"columns":["v"]}', `{"row":[1,[${read}]]}`, EOQ],
  })
}

export const VALUES: readonly Scenario[] = [
  roundTrip('an integer of JSON is an INTEGER to the last digit, and true and false are 1 and 0', INTEGERS),
  roundTrip('a number with a point or an exponent is a REAL, and keeps one of them', REALS),
  roundTrip('an integer beyond 64 bits is a REAL', BEYOND_INT64),
  roundTrip('a text is TEXT, and null is NULL', TEXTS),
  roundTrip('an array of integers from 0 to 255 is a BLOB, an empty one, too', BLOBS),
  roundTrip('any other array or object is its JSON text', JSON_TEXTS),
  {
    says: 'numbers of one body do not decide about each other',
    steps: [
      post('/v1/queries', '["SELECT ? AS a, ? AS b, ? AS c, ? AS d", [1, 1.0, 9007199254740993, [1, 2]]]', {
        status: 200,
        lines: ['{"columns":["a","b","c","d"]}', '{"row":[1,[1,1.0,9007199254740993,[1,2]]]}', EOQ],
      }),
      post('/v1/queries', '["SELECT :a AS \\"1.5\\", :b AS b", {":a": 1, ":b": "9007199254740993"}]', {
        status: 200,
        lines: ['{"columns":["1.5","b"]}', '{"row":[1,[1,"9007199254740993"]]}', EOQ],
      }),
    ],
  },
  {
    says: 'what is no number in JSON leaves as null',
    steps: [
      selected('9e999', 'null'),
      selected('-9e999', 'null'),
      selected('9e999 - 9e999', 'null'),
      selected('1 / 0', 'null'),
    ],
  },
  {
    says: 'minus zero is a REAL',
    steps: [
      post('/v1/queries', '["SELECT typeof(?1) AS t, ?1 AS v", [-0.0]]', {
        status: 200,
        lines: ['{"columns":["t","v"]}', '{"row":[1,["real",-0.0]]}', EOQ],
      }),
      ...converted('reals', 'r', '-0.0', '0.0'),
    ],
  },
  {
    says: 'columns convert by their affinity, and what leaves has the kind that was stored',
    given: [],
    steps: [
      ...converted('reals', 'r', '1', '1.0'),
      ...converted('reals', 'r', '9007199254740993', '9007199254740992.0'),
      ...converted('reals', 'r', '1.5', '1.5'),
      ...converted('items', 'n', '1.0', '1'),
      ...converted('items', 'n', '1.5', '1.5'),
      ...converted('items', 'n', '"7"', '7'),
      ...converted('items', 'v', '1.0', '1.0'),
      ...converted('items', 'v', '"7"', '"7"'),
    ],
  },
  {
    says: 'computed numbers have the kind that SQLite gives them',
    steps: [
      selected('9223372036854775807 + 1', '9223372036854776000.0'),
      selected('sum(2.0)', '2.0'),
      selected('7 / 2', '3'),
      selected('7 / 2.0', '3.5'),
      selected('count(*)', '1'),
      selected('abs(-9223372036854775807)', '9223372036854775807'),
    ],
  },
]
