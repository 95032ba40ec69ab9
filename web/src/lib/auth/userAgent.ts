/** Which browser and system a `User-Agent` names, as far as a person wants to know: “Firefox on Windows”. */

export interface Device {
  /** A name as its maker writes it; null when it is unknown. */
  readonly browser: string | null;
  readonly system: string | null;
  readonly kind: 'phone' | 'computer' | 'program';
}

/** The first that matches: browsers that are built on another one name that too. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOPiOS\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bYaBrowser\//, 'Yandex'],
  [/\bMicroMessenger\//, '微信'],
  [/\bMQQBrowser\/|\bQQBrowser\//, 'QQ'],
  [/\bUC(?:Browser|WEB)\//, 'UC'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\/|\bChromium\//, 'Chrome'],
  [/\bVersion\/[\d.]+.* Safari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bHarmonyOS\b|\bOpenHarmony\b/, 'HarmonyOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

const PHONES: ReadonlySet<string> = new Set(['iPhone', 'iPad', 'Android', 'HarmonyOS']);

export function readUserAgent(text: string): Device {
  const browser = firstIn(BROWSERS, text);
  const system = firstIn(SYSTEMS, text);
  if (browser === null && !text.startsWith('Mozilla/')) return { browser: programIn(text), system, kind: 'program' };
  return { browser, system, kind: system !== null && PHONES.has(system) ? 'phone' : 'computer' };
}

function firstIn(names: readonly (readonly [RegExp, string])[], text: string): string | null {
  return names.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Programs put their own name first: `curl/8.5.0`. */
function programIn(text: string): string | null {
  const name = /^[^\s/]{1,40}/.exec(text)?.[0];
  return name ?? null;
}
