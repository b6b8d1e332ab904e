import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { audit } from './audit.ts'
import { publishEnvironment } from './environment.ts'
import { startStandIn } from './stand-in.ts'

describe('the dependencies', () => {
  it.each([
    ['that users get have no known weakness', ['--prod']],
    ['of all tools have none that is serious', ['--audit-level', 'high']],
  ])('%s', async (_, args) => {
    const { answered, said } = await audit(args)
    // Shown beside the run in GitHub's pages; in others it is a line.
    const mark = process.env.GITHUB_ACTIONS ? '::warning::' : ''
    if (!answered) process.stdout.write(`${mark}not audited: pnpm audit ${args.join(' ')}: ${said}\n`)
    else expect(said).toBe('')
  })
})

describe('an audit', () => {
  const weakness = {
    id: 1,
    url: 'https://example.test/advisory',
    title: 'A weakness of ky',
    severity: 'high',
    vulnerable_versions: '<99.0.0',
    cwe: [],
    cvss: { score: 5, vectorString: null },
  }

  async function auditAt(status: number, body: unknown) {
    const registry = await startStandIn(() => [status, body])
    const home = mkdtempSync(path.join(tmpdir(), 'pds-audit-'))
    try {
      // Not with a registry, a proxy or a token of whoever runs the tests.
      const env = { ...publishEnvironment(home, registry.url), PNPM_CONFIG_FETCH_RETRIES: '0' }
      return await audit(['--prod'], env)
    } finally {
      rmSync(home, { recursive: true, force: true })
      expect(registry.requests).toContain('POST /-/npm/v1/security/advisories/bulk')
      await registry.close()
    }
  }

  it('tells of an advisory', async () => {
    const { answered, said } = await auditAt(200, { ky: [weakness] })
    expect(answered).toBe(true)
    expect(said).toContain('A weakness of ky')
  })

  it('is clean without one', async () => {
    expect(await auditAt(200, {})).toEqual({ answered: true, said: '' })
  })

  it.each([404, 405])('says that a registry has no advisories, which answers with %d', async (status) => {
    expect(await auditAt(status, {})).toMatchObject({ answered: false })
  })

  it('fails where the registry does', async () => {
    await expect(auditAt(500, {})).rejects.toThrow()
  })
})
