/** A canvas of the right sharpness, and the style's colours for it. */

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/** Makes it as wide as its place, and clears it. */
export function openSurface(canvas: HTMLCanvasElement, height: number): Surface {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws nothing');
  const scale = devicePixelRatio;
  const width = canvas.parentElement?.clientWidth ?? canvas.clientWidth;
  const [across, down] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.height = `${height}px`;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** A custom property of the page's style. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Round steps that give a handful of marks. */
export function stepFor(spanMs: number): number {
  const wanted = spanMs / 8;
  const steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000];
  return steps.find((step) => step >= wanted) ?? 3600_000;
}
