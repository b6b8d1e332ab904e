/** The texts of the diagram. A line break is `\n`. */
interface Labels {
  title: string
  obtained: string
  renewed: string
  spent: string
  late: string
  rejected: string
  over: string
  last: string
  signOut: string
  setToken: string
}

const labels: Record<'en' | 'zh', Labels> = {
  en: {
    title: 'The states of a session',
    obtained: 'first token',
    renewed: 'renewal',
    spent: 'rejected, but may be\nspent by another attempt',
    late: 'the new token\narrives late',
    rejected: 'rejected',
    over: 'no token within\nsuspectTime',
    last: 'the new token\nstill arrives',
    signOut: 'signOut,\nfrom every state',
    setToken: 'From every state, setToken with a new sign-in leads to ok.',
  },
  zh: {
    title: '会话的状态',
    obtained: '首个令牌',
    renewed: '续期',
    spent: '被拒绝，但可能\n已被另一次尝试使用',
    late: '新令牌\n随后到达',
    rejected: '被拒绝',
    over: '在 suspectTime 内\n没有得到令牌',
    last: '新令牌\n最终到达',
    signOut: 'signOut，\n来自任何状态',
    setToken: '在任何状态下，用新登录的令牌调用 setToken 都会回到 ok。',
  },
}

/** The centre of each state, in pixels. */
const states = {
  new: [82, 34],
  ok: [82, 156],
  suspect: [368, 156],
  login_required: [82, 300],
  signed_out: [368, 300],
} as const
const [boxWidth, boxHeight, lineHeight] = [132, 38, 15]

/** Returns the diagram of the states of a session as an SVG document, whose colours follow the colour scheme. */
export function stateDiagram(language: 'en' | 'zh'): string {
  const text = labels[language]
  const parts = [
    arrow('M82 53V135'),
    label(text.obtained, 90, 100),
    arrow('M148 143h20a7 7 0 0 1 0 14h-19'),
    label(text.renewed, 154, 136),
    arrow('M128 137C170 84 290 84 331 135'),
    label(text.spent, 230, 60, 'middle'),
    arrow('M302 168H149'),
    label(text.late, 236, 186, 'middle'),
    arrow('M68 175V279'),
    label(text.rejected, 60, 232, 'end'),
    arrow('M96 281V177'),
    label(text.last, 102, 205),
    arrow('M330 175C300 240 220 262 146 292'),
    label(text.over, 190, 240, 'middle'),
    arrow('M400 222V279', 'every'),
    label(text.signOut, 440, 200, 'end'),
    ...Object.entries(states).map(([name, [x, y]]) => box(name, x, y)),
    label(text.setToken, 225, 350, 'middle'),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="450" height="368" viewBox="0 0 450 368">
<title>${text.title}</title>
<style>
  :root { --back: #fff; --line: #8390a3; --text: #141a24; --accent: #2456c8; --tint: #e8eefc; }
  @media (prefers-color-scheme: dark) {
    :root { --back: #161a21; --line: #6b7789; --text: #e9edf3; --accent: #8fb2ff; --tint: #1c2946; }
  }
  text { font: 12px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; fill: var(--text); }
  .back { fill: var(--back); }
  .box { fill: var(--tint); stroke: var(--accent); stroke-width: 1.5; }
  .name { font: 600 13px ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
  .middle { text-anchor: middle; }
  .end { text-anchor: end; }
  .arrow { fill: none; stroke: var(--line); stroke-width: 1.5; marker-end: url(#head); }
  .every { stroke-dasharray: 4 3; }
  #head path { fill: var(--line); }
</style>
<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker>
<rect class="back" width="450" height="368" rx="10"/>
${parts.join('\n')}
</svg>
`
}

function box(name: string, x: number, y: number): string {
  const [left, top] = [x - boxWidth / 2, y - boxHeight / 2]
  return `<rect class="box" x="${left}" y="${top}" width="${boxWidth}" height="${boxHeight}" rx="9"/><text class="name middle" x="${x}" y="${y + 4.5}">${name}</text>`
}

function arrow(path: string, kind = ''): string {
  return `<path class="arrow ${kind}" d="${path}"/>`
}

function label(text: string, x: number, y: number, anchor = 'start'): string {
  const lines = text
    .split('\n')
    .map((line, index) => `<tspan x="${x}" y="${y + index * lineHeight}">${line}</tspan>`)
  return `<text class="${anchor}">${lines.join('')}</text>`
}
