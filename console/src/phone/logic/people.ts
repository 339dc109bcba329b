import type { Customer } from './types';

/** How the business can know this customer: number, else user name, else the business-scoped id. */
export function identity(customer: Customer): string {
  if (customer.wa_id) return `+${customer.wa_id.replace(/^\+/, '')}`;
  return customer.username ? atName(customer.username) : customer.user_id;
}

export function atName(username: string): string {
  return username.startsWith('@') ? username : `@${username}`;
}

/** Digits of a phone number with its country code, or the reason why it is none. */
export function readPhone(code: string, number: string): { phone: string } | { problem: string } {
  const raw = number.trim();
  if (/[^\d\s()+./-]/.test(raw)) return { problem: 'A phone number has only digits. Example: 333 111 2223.' };
  const digits = raw.replace(/\D/g, '');
  const isWhole = raw.startsWith('+') || raw.startsWith('00');
  // Italian numbers keep their leading zero abroad; elsewhere it is a trunk prefix and goes.
  const clean = isWhole ? digits.replace(/^00/, '') : code + (code === '39' ? digits : digits.replace(/^0/, ''));
  if (clean.length < 7) return { problem: 'This number is too short. Example: 333 111 2223.' };
  if (clean.length > 15) return { problem: 'This number is too long: at most 15 digits with the country code.' };
  return { phone: `+${clean}` };
}

export const COUNTRIES: [string, string][] = [
  ['39', 'Italy'],
  ['43', 'Austria'],
  ['32', 'Belgium'],
  ['55', 'Brazil'],
  ['1', 'Canada, United States'],
  ['86', 'China'],
  ['45', 'Denmark'],
  ['20', 'Egypt'],
  ['33', 'France'],
  ['49', 'Germany'],
  ['30', 'Greece'],
  ['91', 'India'],
  ['62', 'Indonesia'],
  ['353', 'Ireland'],
  ['52', 'Mexico'],
  ['31', 'Netherlands'],
  ['234', 'Nigeria'],
  ['48', 'Poland'],
  ['351', 'Portugal'],
  ['40', 'Romania'],
  ['966', 'Saudi Arabia'],
  ['27', 'South Africa'],
  ['34', 'Spain'],
  ['46', 'Sweden'],
  ['41', 'Switzerland'],
  ['90', 'Türkiye'],
  ['380', 'Ukraine'],
  ['971', 'United Arab Emirates'],
  ['44', 'United Kingdom'],
];
