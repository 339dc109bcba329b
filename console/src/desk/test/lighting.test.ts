import { describe, expect, it } from 'vitest';
import { FIT, filterOf, isPlain, LIGHT_MAX, LIGHT_MIN, lit, magnified, PLAIN, transformOf } from '../viewer/transform';

describe('a picture in another light', () => {
  it('is lit in steps that come back to where they began, within bounds', () => {
    const brighter = lit(PLAIN, 'brightness', 1);
    expect(brighter).toEqual({ brightness: 1.125, contrast: 1 });
    expect(isPlain(lit(brighter, 'brightness', -1))).toBe(true);
    let light = PLAIN;
    for (let i = 0; i < 50; i++) light = lit(light, 'contrast', 1);
    expect(light.contrast).toBe(LIGHT_MAX);
    for (let i = 0; i < 90; i++) light = lit(light, 'contrast', -1);
    expect(light.contrast).toBe(LIGHT_MIN);
    expect([filterOf(PLAIN), filterOf(brighter)]).toEqual(['none', 'brightness(1.125) contrast(1)']);
  });
  it('lies under a magnifying glass so that its middle stays where it is', () => {
    const view = { ...FIT, scale: 2, x: 30, y: -10, turns: 1 };
    const at = { x: 100, y: 40 };
    // The point of the photo under the glass's middle: the same in the glass, whose own middle is 0, 0.
    const point = { x: (at.x - view.x) / view.scale, y: (at.y - view.y) / view.scale };
    const glass = magnified(view, at, 2.5);
    expect([glass.x + point.x * glass.scale, glass.y + point.y * glass.scale]).toEqual([0, 0]);
    expect([glass.scale, glass.turns]).toEqual([5, 1]);
    expect(transformOf(view)).toBe('translate(30px, -10px) rotate(90deg) scale(2)');
  });
});
