import { expect, test } from 'vitest';
import { MARGIN, RATIOS, fit, grown, inCopy, inSource, middle, scaled } from './geometry';

test('the frame is as large as its space allows', () => {
  expect(fit({ width: 354, height: 900 }, RATIOS.card).height).toBeCloseTo(354 / (85.6 / 54));
  expect(fit({ width: 900, height: 88 }, RATIOS.passport)).toEqual({ width: 125, height: 88 });
  expect(fit({ width: 0, height: -20 }, RATIOS.card)).toEqual({ width: 0, height: 0 });
});
test('a frame on the screen is found in a picture that covers it', () => {
  const phone = { x: 0, y: 0, width: 400, height: 800 };
  // A portrait picture of 1080 × 1920 covers at 800/1920: the sides are cut, the middle stays the middle.
  const part = inSource({ x: 20, y: 300, width: 360, height: 200 }, phone, { width: 1080, height: 1920 });
  expect(part).toEqual({ x: 108, y: 720, width: 864, height: 480 });
  // A picture wider than the screen, and a page that does not begin at zero.
  expect(inSource({ x: 10, y: 10, width: 100, height: 100 }, { x: 10, y: 10, width: 100, height: 100 }, { width: 400, height: 200 })).toEqual({
    x: 100,
    y: 0,
    width: 200,
    height: 200,
  });
});
test('a margin stays inside the picture', () => {
  const source = { width: 1000, height: 600 };
  expect(grown({ x: 200, y: 200, width: 500, height: 200 }, MARGIN, source)).toEqual({ x: 140, y: 140, width: 620, height: 320 });
  expect(grown({ x: 10, y: 10, width: 980, height: 580 }, MARGIN, source)).toEqual({ x: 0, y: 0, ...source });
});
test('sizes', () => {
  expect(scaled({ width: 4000, height: 3000 }, 3000)).toEqual({ width: 3000, height: 2250 });
  expect(scaled({ width: 640.4, height: 480 }, 3000)).toEqual({ width: 640, height: 480 });
  expect(middle({ x: 100, y: 0, width: 100, height: 50 }, 0.4)).toEqual({ x: 130, y: 15, width: 40, height: 20 });
  expect(inCopy({ x: 150, y: 60, width: 100, height: 50 }, { x: 100, y: 10, width: 200, height: 100 }, { width: 100, height: 50 })).toEqual({
    x: 25,
    y: 25,
    width: 50,
    height: 25,
  });
});
