export const QUICK_REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** A keyboard's worth of emoji for the composer and the stickers. */
export const EMOJI: string[] = Array.from(
  new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(
    '😀😃😄😁😅😂🤣😊😇🙂😉😍😘😋😜🤔🤨😐😏🙄😴😷🤒😎😕😟😮😳😢😭😱😡🤬👍👎👌✌️🤞🙏👏💪🤝👋❤️💔🔥🎉✅❌⚠️❓❗📷📸📦🔧🔌💡🔋🚿💧🧊☕🍕🚗🏠📍📞⏰💶',
  ),
  (part) => part.segment,
);
