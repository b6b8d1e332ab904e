import type { PeerCertificate } from 'node:tls'
import type { Text } from '../output/text.ts'
import type { CheckResult } from './check.ts'

/** Says what is wrong with a certificate. `code` is the error code of Node.js. */
export function explainCertificate(code: string, host: string, certificate: PeerCertificate): CheckResult {
  const { valid_from, valid_to, subjectaltname, issuer } = certificate
  const names = subjectaltname ?? certificate.subject?.CN ?? '?'
  const authority = issuer?.O ?? issuer?.CN ?? '?'
  const clock: Text = {
    en: 'Check the date of this machine. If it is right, tell the operator of the service.',
    zh: '请检查此计算机的日期。如果日期正确，请告知服务的运营者。',
  }
  const fail = (text: Text, advice: Text): CheckResult => ({
    state: 'fail',
    text: { en: `${text.en} (${code})`, zh: `${text.zh}（${code}）` },
    advice,
  })
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return fail({ en: `the certificate expired at ${valid_to}`, zh: `证书已于 ${valid_to} 过期` }, clock)
    case 'CERT_NOT_YET_VALID':
      return fail(
        { en: `the certificate is valid only from ${valid_from}`, zh: `证书自 ${valid_from} 起才有效` },
        clock,
      )
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fail(
        {
          en: `the certificate is not for ${host}, but for ${names}`,
          zh: `证书不适用于 ${host}，而是 ${names}`,
        },
        {
          en: 'Check the URL of the service in the profile, and who answers at this address, such as a captive portal.',
          zh: '请检查配置中的服务地址，以及该地址由谁响应（例如需要登录的公共网络）。',
        },
      )
    default:
      return fail(
        {
          en: `this machine does not trust the certificate, issued by ${authority}`,
          zh: `此计算机不信任由 ${authority} 颁发的证书`,
        },
        {
          en: 'If it is the authority of your company or its proxy, set NODE_EXTRA_CA_CERTS to the file of its certificate (PEM).',
          zh: '如果它是您公司或其代理的证书颁发机构，请将 NODE_EXTRA_CA_CERTS 设为其证书文件（PEM）。',
        },
      )
  }
}
