/** Numbers with their units, as every part writes them. */
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** “12,345” */
export function count(value: number): string {
  return grouped.format(value);
}

/** “1 token”, “1,024 tokens” */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${value === 1 ? noun : `${noun}s`}`;
}

const byteUnits = ["B", "kB", "MB", "GB", "TB"];

/** Three figures at most, in powers of 1,000: “820 kB”, “1.4 MB”. */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), byteUnits.length - 1);
  return `${short(value / 1000 ** power)} ${byteUnits[power]}`;
}

/** “30 ms”, “0.3 s”, “6 s”, “14 s”, “2 min 5 s”, “1 h 20 min” */
export function duration(millis: number): string {
  if (millis > 0 && millis < 95) return `${Math.ceil(millis)} ms`;
  const seconds = millis / 1000;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** “7.3”, “41” */
export function rate(perSecond: number): string {
  return short(perSecond);
}

/** A share of 0 to 1 as “20 %”. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function short(value: number): string {
  return value < 9.95 && value > 0 ? value.toFixed(1) : grouped.format(value);
}
