// A point on the map from what people have at hand: two numbers, or the address of a map's page.
export type Place = { latitude: number; longitude: number };

const NUMBER = String.raw`-?\d{1,3}(?:\.\d+)?`;
const PAIR = new RegExp(`^\\s*(${NUMBER})\\s*[,;\\s]\\s*(${NUMBER})\\s*$`);
/** `…/@45.07,7.68,17z`, `?q=45.07,7.68`, `?mlat=45.07&mlon=7.68`, `#map=17/45.07/7.68`. */
const ADDRESSES = [
  new RegExp(`[?&]mlat=(${NUMBER})&mlon=(${NUMBER})`),
  new RegExp(`[@=](${NUMBER}),(${NUMBER})`),
  new RegExp(`#map=\\d+/(${NUMBER})/(${NUMBER})`),
];

export function readPlace(text: string): Place | null {
  const match = PAIR.exec(text) ?? ADDRESSES.map((one) => one.exec(decoded(text))).find(Boolean);
  if (!match) return null;
  const [latitude, longitude] = [Number(match[1]), Number(match[2])];
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null;
}

function decoded(text: string): string {
  return text.replaceAll(/%2c/gi, ',');
}
