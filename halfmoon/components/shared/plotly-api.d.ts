// What we use of Plotly, and of what it keeps on the element of a plot.

export interface Axis {
  range: [number, number];
  type?: string;
  _offset: number;
  _length: number;
}

export interface Margin {
  l: number;
  r: number;
  t: number;
  b: number;
}

// As we make it. What Plotly makes of its parts is Plotly's.
export interface Layout {
  margin: Margin;
  font: { family: string; color: string; size: number };
  dragmode: string | false;
  shapes?: object[];
  annotations?: object[];
  images?: object[];
  [part: string]: any;
}

export interface Trace {
  type: string;
  meta?: { label: number };
  visible?: boolean;
  [part: string]: any;
}

export interface Figure {
  traces: Trace[];
  layout: Layout;
}

export interface PlotElement extends HTMLElement {
  data?: Trace[];
  layout?: Partial<Layout>;
  _fullLayout?: { width: number; height: number; _size: Margin; xaxis: Axis; yaxis: Axis; [part: string]: any };
  _dragging?: boolean;
  on(event: string, listener: (event: any) => void): void;
}

export interface Plotly {
  react(plot: HTMLElement, traces: Trace[], layout: object, config?: object): Promise<unknown>;
  relayout(plot: HTMLElement, layout: object): Promise<unknown>;
  restyle(plot: HTMLElement, change: object, traces: number[]): Promise<unknown>;
  toImage(figure: object, options: { format: string; width: number; height: number; scale: number }): Promise<string>;
  purge(plot: HTMLElement): void;
}

declare global {
  interface Window {
    Plotly?: Plotly;
  }
}
