// The emoji that can be picked, by the names one types after a colon.

export const EMOJI: Record<string, string> = {
  smile: '😊', grin: '😀', joy: '😂', wink: '😉', thinking: '🤔', neutral: '😐', sad: '🙁', cry: '😢', angry: '😠',
  surprised: '😮', cool: '😎', heart: '❤️', thumbsup: '👍', thumbsdown: '👎', clap: '👏', wave: '👋', pray: '🙏',
  ok: '👌', muscle: '💪', eyes: '👀', fire: '🔥', star: '⭐', tada: '🎉', rocket: '🚀', check: '✅', cross: '❌',
  warning: '⚠️', question: '❓', exclamation: '❗', bulb: '💡', bug: '🐛', hourglass: '⏳', clock: '🕐', calendar: '📅',
  phone: '📞', mail: '✉️', pin: '📌', link: '🔗', lock: '🔒', key: '🔑', wrench: '🔧', chart: '📈', money: '💶',
  coffee: '☕', cake: '🍰', sun: '☀️', rain: '🌧️', snow: '❄️', train: '🚆', ship: '🚢', hospital: '🏥', bell: '🔔',
};
