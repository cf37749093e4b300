/** What `patina-aggregator check` looks at: is the certificate fit, do the roll-ups' queries run, and do their tables take what they give? */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { ApiError, type Client } from '@patina/client'
import { readTlsFiles } from '@patina/program'
import type { Config } from './config.ts'
import { DesiredRows, RollupFault } from './rollup-rows.ts'
import type { RollupSpec } from './rollup-spec.ts'
import { readStatement } from './rollup-statements.ts'

export interface TierCheck {
  readonly facts: readonly string[]
  readonly problems: readonly string[]
}

/** Throws the client's errors where an agent is not there. */
export async function checkTiers(config: Config, regional: Client, global: Client): Promise<TierCheck> {
  const facts: string[] = []
  const problems = certificateProblems(config, Date.now())
  const told = async (of: string, ask: () => Promise<string>): Promise<void> => {
    try {
      facts.push(`${of}: ${await ask()}`)
    } catch (cause) {
      if (!(cause instanceof ApiError || cause instanceof RollupFault)) throw cause
      problems.push(`${of}: ${cause.message}`)
    }
  }
  for (const spec of config.rollups)
    await told(`roll-up ${spec.into}`, () => checkRollup(spec, config.region, regional, global))
  await told(`route.table ${config.routeTable}`, async () => {
    const sql = `SELECT app, region FROM "${config.routeTable}" WHERE app = ?`
    await global.query(sql, ['']).all()
    return 'is there'
  })
  const { instancesQuery: query } = config
  if (query !== undefined)
    await told('instances.query', async () => {
      await regional.query(query, { ':app': '' }).all()
      return 'runs'
    })
  const members = await global.members()
  if (!members.some(({ region }) => region === config.region))
    problems.push(
      `no member of the global cluster has node.region = ${config.region}; its rows would never be live`,
    )
  return { facts, problems }
}

/** Why others would not believe this program. Throws StartRefusal where the files cannot be used at all. */
export function certificateProblems(
  { tls, advertise }: Pick<Config, 'tls' | 'advertise'>,
  now: number,
): string[] {
  const { own } = readTlsFiles(tls)
  if (own === undefined) return []
  const certificate = new X509Certificate(own.cert)
  const host = new URL(advertise).hostname.replace(/^\[|\]$/g, '')
  const isFor = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)
  const problems = isFor === undefined ? [`tls.cert_file is not for ${host}, the host of advertise`] : []
  if (Date.parse(certificate.validTo) <= now)
    problems.push(`tls.cert_file ended at ${new Date(certificate.validTo).toISOString()}`)
  return problems
}

async function checkRollup(
  spec: RollupSpec,
  region: string,
  regional: Client,
  global: Client,
): Promise<string> {
  const query = regional.query(spec.query)
  const columns = await query.columns()
  await query.close()
  new DesiredRows(spec.key).apply({ kind: 'columns', columns })
  const [sql, params] = readStatement(spec, region, columns)
  const stored = await global.query(sql, params).all()
  return `${columns.join(', ')}; ${stored.length} rows of ${region} are stored`
}
