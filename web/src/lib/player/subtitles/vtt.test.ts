import { describe, expect, it } from 'vitest';
import { GatheredCues, InsideCues } from './inside';
import { CueTrack } from './track';
import { cuesIn, type Cue } from './vtt';

function textOf({ lines }: Cue): string {
  return lines.map((spans) => spans.map(({ text }) => text).join('')).join('\n');
}

const FILE = `\uFEFFWEBVTT - a film\r
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0

STYLE
::cue { color: red }

NOTE nothing --> to see

1
00:01.000 --> 00:02.500 line:5% align:start
I &lt;3 you, <i>really</i>
and <b.loud>truly</b> &amp; so on

01:00:00.000 --> 01:00:04.000
<v Mia>Hello <00:10.000>there
00:00:04.000 --> 00:00:03.000
before it began

00:00:05.000 --> 00:00:06.000
3 < 4`;

describe('cuesIn', () => {
  const cues = cuesIn(FILE);

  it('finds times and texts by their start', () => {
    expect(cues.map((cue) => [cue.start, cue.end, textOf(cue)])).toEqual([
      [1, 2.5, 'I <3 you, really\nand truly & so on'],
      [5, 6, '3 < 4'],
      [3600, 3604, 'Hello there'],
    ]);
  });
  it('keeps what is slanted or bold, and where it stands', () => {
    const [first] = cues;
    expect(first?.lines[0]?.map(({ text, italic }) => [text, italic])).toEqual([
      ['I <3 you, ', false],
      ['really', true],
    ]);
    expect(first?.lines[1]?.map(({ bold }) => bold)).toEqual([false, true, false]);
    expect([first?.top, first?.align]).toEqual([0.05, 'start']);
    expect([cues[1]?.top, cues[1]?.align]).toEqual([null, 'center']);
  });
  it('leaves cues that ask for the lower part at their usual place', () => {
    const tops = ['line:90%', 'line:-1', 'line:0', 'line:3'].map(
      (setting) => cuesIn(`WEBVTT\n\n00:01.000 --> 00:02.000 ${setting}\nx`)[0]?.top,
    );
    expect(tops).toEqual([null, null, 0, 0.2]);
  });
  it('makes nothing of what is no subtitle', () => {
    expect(cuesIn('<html><body>Not found</body></html>')).toEqual([]);
    expect(cuesIn('')).toEqual([]);
    expect(cuesIn('WEBVTT\n\n00:01.000 --> 00:02.000\n<i></i>')).toEqual([]);
  });
  it('is bounded', () => {
    const cue = `00:01.000 --> 00:02.000\n${'x'.repeat(9000)}\n\n`;
    const found = cuesIn(`WEBVTT\n\n${cue.repeat(20)}`);
    expect(found[0] && textOf(found[0]).length).toBe(2000);
    expect(cuesIn(`WEBVTT\n\n${'00:01.000 --> 00:02.000\nx\n\n'.repeat(50_010)}`)).toHaveLength(50_000);
  });
});

describe('CueTrack', () => {
  const cue = (start: number, end: number): Cue => ({ start, end, lines: [], top: null, align: 'center' });

  it('shows what has begun and is not over', () => {
    const track = new CueTrack([cue(1, 3), cue(2, 4), cue(6, 7)]);
    const starts = (time: number) => track.at(time).map(({ start }) => start);
    expect([0.9, 1, 2.5, 3, 4, 6.5, 7].map(starts)).toEqual([[], [1], [1, 2], [2], [], [6], []]);
  });
  it('finds a long one behind many short ones', () => {
    const track = new CueTrack([cue(0, 1000), ...Array.from({ length: 500 }, (_, i) => cue(i + 1, i + 1.5))]);
    expect(track.at(400.7).map(({ start }) => start)).toEqual([0]);
  });
  it('shows only so many at once, the last ones', () => {
    const track = new CueTrack(Array.from({ length: 9 }, (_, i) => cue(i, 100)));
    expect(track.at(50).map(({ start }) => start)).toEqual([5, 6, 7, 8]);
  });
});

describe('subtitles inside a stream', () => {
  const inside = (startTime: number, endTime: number, change = {}) =>
    ({
      startTime,
      endTime,
      text: `<i>at ${startTime}</i>`,
      line: 'auto',
      snapToLines: true,
      align: 'center',
      ...change,
    }) as unknown as TextTrackCue;
  const element = (mode: TextTrackMode, cues: readonly TextTrackCue[], kind: TextTrackKind = 'subtitles') => ({
    textTracks: [{ kind, mode, cues: cues as unknown as TextTrackCueList }],
  });
  const starts = (cues: InsideCues, time: number) => cues.at(time).map(({ start }) => start);

  it('shows those of the hidden track', () => {
    const cues = new InsideCues(element('hidden', [inside(1, 3), inside(2, 4), inside(6, 7)]));
    expect([0.5, 2.5, 3.5, 5, 6].map((time) => starts(cues, time))).toEqual([[], [1, 2], [2], [], [6]]);
    expect(cues.at(1)[0]?.lines).toEqual([[{ text: 'at 1', bold: false, italic: true, underlined: false }]]);
    expect(cues.at(1)[0]).toBe(cues.at(1.5)[0]);
  });
  it('shows none of a track that is off, or that holds something else', () => {
    expect(starts(new InsideCues(element('disabled', [inside(1, 3)])), 2)).toEqual([]);
    expect(starts(new InsideCues(element('hidden', [inside(1, 3)], 'metadata')), 2)).toEqual([]);
    expect(starts(new InsideCues({ textTracks: [] }), 2)).toEqual([]);
  });
  it('keeps those at the top there', () => {
    const cues = new InsideCues(element('hidden', [inside(1, 3, { line: 10, snapToLines: false })]));
    expect(cues.at(2)[0]?.top).toBe(0.1);
  });
  it('are gathered in any order, each once', () => {
    const cues = new GatheredCues();
    cues.add([inside(6, 8), inside(3, 7)]);
    cues.add([inside(3, 7), inside(1, 2)]);
    expect([1, 6.5, 7.5, 9].map((time) => cues.at(time).map(({ start }) => start))).toEqual([[1], [3, 6], [6], []]);
  });
  it('are the words of TTML, line by line', () => {
    const p = (...contents: object[]) => ({ kind: 'p', contents });
    const span = (text: string) => ({ kind: 'span', contents: [{ kind: 'span', text }] });
    const isd = { contents: [{ contents: [p(span('1 < 2 &'), { kind: 'br' }, span('<i>so')), p(span('on'))] }] };
    const cues = new InsideCues(element('hidden', [inside(1, 3, { text: '', isd } as object)]));
    expect(cues.at(2).map(textOf)).toEqual(['1 < 2 &\n<i>so\non']);
  });
});
