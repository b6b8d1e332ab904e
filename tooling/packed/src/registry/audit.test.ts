import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { audit } from './audit.ts'
import { publishEnvironment } from './environment.ts'
import { startStandIn } from './stand-in.ts'

describe('the dependencies', () => {
  it.each([
    ['of the packages have no known vulnerability', ['--prod']],
    ['of all tools have no known vulnerability of severity high or above', ['--audit-level', 'high']],
  ])('%s', async (_, args) => {
    const { isAudited, report } = await audit(args)
    // GitHub shows it as an annotation of the run. Elsewhere it is a line of the output.
    const mark = process.env.GITHUB_ACTIONS ? '::warning::' : ''
    if (!isAudited) process.stdout.write(`${mark}not audited: pnpm audit ${args.join(' ')}: ${report}\n`)
    else expect(report).toBe('')
  })
})

describe('an audit', () => {
  const vulnerability = {
    id: 1,
    url: 'https://example.test/advisory',
    title: 'A vulnerability of ky',
    severity: 'high',
    vulnerable_versions: '<99.0.0',
    cwe: [],
    cvss: { score: 5, vectorString: null },
  }

  async function auditAt(status: number, body: unknown) {
    const registry = await startStandIn(() => [status, body])
    const home = mkdtempSync(path.join(tmpdir(), 'pds-audit-'))
    try {
      // Without the registry, the proxy and the tokens of this machine.
      const env = { ...publishEnvironment(home, registry.url), PNPM_CONFIG_FETCH_RETRIES: '0' }
      return await audit(['--prod'], env)
    } finally {
      rmSync(home, { recursive: true, force: true })
      expect(registry.requests).toContain('POST /-/npm/v1/security/advisories/bulk')
      await registry.close()
    }
  }

  it('reports an advisory', async () => {
    const { isAudited, report } = await auditAt(200, { ky: [vulnerability] })
    expect(isAudited).toBe(true)
    expect(report).toContain('A vulnerability of ky')
  })

  it('has an empty report without advisories', async () => {
    expect(await auditAt(200, {})).toEqual({ isAudited: true, report: '' })
  })

  it.each([404, 405])(
    'reports that the registry has no advisories after a response with status %d',
    async (status) => {
      expect(await auditAt(status, {})).toMatchObject({ isAudited: false })
    },
  )

  it('fails if the registry fails', async () => {
    await expect(auditAt(500, {})).rejects.toThrow()
  })
})
