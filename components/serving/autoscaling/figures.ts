import type { Query, Signal } from "../engines/engine";

/** Figures of a server in Prometheus, by what they say. */
export type Figures = Readonly<Partial<Record<Signal, Query>>>;
