// Movement that CSS does not govern. Whoever asked the system for less of it gets none.
import { prefersReducedMotion } from 'svelte/motion';

export const glide = (): ScrollBehavior => (prefersReducedMotion.current ? 'auto' : 'smooth');
export const isStill = (): boolean => prefersReducedMotion.current;
