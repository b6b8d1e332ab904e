import type { Check } from './check.ts'

// In milliseconds.
const tolerance = 30_000

/** Compares the clock of this machine with that of the service. */
export const checkClock: Check = {
  name: 'clock',
  title: { en: 'Clock', zh: '时钟' },
  needs: ['endpoint'],
  async run({ clockOffset }) {
    if (clockOffset === undefined) {
      return { state: 'skip', text: { en: 'the response has no date', zh: '响应中没有日期' } }
    }
    const seconds = Math.round(Math.abs(clockOffset) / 1000)
    if (Math.abs(clockOffset) <= tolerance) {
      return {
        state: 'ok',
        text: { en: `differs from the service by ${seconds} s`, zh: `与服务相差 ${seconds} 秒` },
      }
    }
    const isAhead = clockOffset < 0
    return {
      state: 'fail',
      text: {
        en: `${duration(seconds, 'd')} ${isAhead ? 'ahead of' : 'behind'} the service`,
        zh: `比服务${isAhead ? '快' : '慢'} ${duration(seconds, '天')}`,
      },
      advice: {
        en: 'Set the clock of this machine, best by time synchronization (NTP). In a container or virtual machine, set that of its host.',
        zh: '请校准此计算机的时钟，最好启用时间同步（NTP）。在容器或虚拟机中，请校准宿主机的时钟。',
      },
    }
  },
}

function duration(seconds: number, day: string): string {
  const [days, rest] = [Math.floor(seconds / 86_400), seconds % 86_400]
  const time = [rest / 3600, (rest / 60) % 60, rest % 60].map((each) =>
    String(Math.floor(each)).padStart(2, '0'),
  )
  return `${days > 0 ? `${days} ${day} ` : ''}${time.join(':')}`
}
