import { expect, it } from 'vitest';
import { expiryWarning } from '../../../src/core/identity/expiry.ts';

const DAY = 86_400;
const NOW = 1_700_000_000;

it.each([
  ['never ends', null, null],
  ['ends in more than 60 days', 60 * DAY + 1, null],
  ['ends in 60 days', 60 * DAY, { severity: 'soon', days: 60 }],
  ['ends in more than 14 days', 14 * DAY + 1, { severity: 'soon', days: 14 }],
  ['ends in 14 days', 14 * DAY, { severity: 'urgent', days: 14 }],
  ['ends within the day', DAY - 1, { severity: 'urgent', days: 0 }],
  ['ends in a second', 1, { severity: 'urgent', days: 0 }],
  ['ends now', 0, { severity: 'expired', days: 0 }],
  ['ended less than a day ago', 1 - DAY, { severity: 'expired', days: 0 }],
  ['ended three days ago', -3 * DAY, { severity: 'expired', days: -3 }],
])('a key that %s', (_, left, warning) => {
  expect(expiryWarning(left === null ? null : NOW + left, NOW)).toEqual(warning);
});
