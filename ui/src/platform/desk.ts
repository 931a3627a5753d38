/**
 * The desk below the screens: every command as a call that answers or throws a {@link DeskError}.
 *
 * **Architecture invariant:** nothing outside this folder imports the Tauri API. Screens take a
 * {@link Desk} from the context, so that tests and the preview give them another one.
 */
import { Channel } from "@tauri-apps/api/core";
import { createContext, useContext } from "react";
import type { AppView, Message, TransferProgress } from "./bindings";
import { commands, events } from "./bindings";

export type * from "./bindings";

/** What the desk said no with: a code that programs act on and a sentence in both languages. */
export class DeskError extends Error {
  constructor(readonly told: Message) {
    super(`${told.code}: ${told.en}`);
    this.name = "DeskError";
  }
}

type DataOf<Result> = Result extends { status: "ok"; data: infer Data } ? Data : never;
/** What a command tells while it runs, it tells to a function. */
type Heard<Arg> = Arg extends Channel<infer News> ? (news: News) => void : Arg;
type Answering<Command> = Command extends (...args: infer Args) => Promise<infer Result>
  ? (...args: { [Place in keyof Args]: Heard<Args[Place]> }) => Promise<DataOf<Result>>
  : never;

/** Every command of the generated bindings, unwrapped; and the news of the desk. */
export type Desk = {
  readonly [Name in keyof typeof commands]: Answering<(typeof commands)[Name]>;
} & {
  /** Calls `hear` with each new view of the desk, until the function that it answers with is called. */
  readonly onChanged: (hear: (view: AppView) => void) => Promise<() => void>;
  /** Likewise, with each step of a transfer that this desk runs. */
  readonly onTransfer: (hear: (progress: TransferProgress) => void) => Promise<() => void>;
};

/** What is said when a call failed in a way that the desk has no words for. */
const UNEXPECTED = {
  code: "unexpected",
  vi: "Ứng dụng gặp lỗi ngoài dự kiến. Thử lại; nếu vẫn lỗi, khởi động lại ứng dụng.",
  en: "The application failed unexpectedly. Try again; if it fails again, restart the application.",
} as const satisfies Message;

/** The sentence of anything thrown. */
export function messageOf(thrown: unknown): Message {
  return thrown instanceof DeskError ? thrown.told : UNEXPECTED;
}

type Called = { status: "ok"; data: unknown } | { status: "error"; error: Message };
type Call = (...args: unknown[]) => Promise<Called>;
type Hear = (news: unknown) => void;

function answering(command: Call) {
  return async (...args: unknown[]): Promise<unknown> => {
    const called = await command(
      ...args.map((arg) => (typeof arg === "function" ? new Channel(arg as Hear) : arg)),
    );
    if (called.status === "error") {
      throw new DeskError(called.error);
    }
    return called.data;
  };
}

/** The desk of the window that this runs in. */
export function deskOfWindow(): Desk {
  const answers = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, answering(command as Call)]),
  );
  return {
    ...answers,
    onChanged: (hear) => events.deskChanged.listen((event) => hear(event.payload)),
    onTransfer: (hear) => events.transferProgressed.listen((event) => hear(event.payload)),
    // The names and their types are those of `commands`; only the loop hides it from the compiler.
  } as Desk;
}

const DeskContext = createContext<Desk | null>(null);

/** Gives the screens below it their desk. */
export const DeskProvider = DeskContext.Provider;

/** The desk that the screens talk to. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) {
    throw new Error("useDesk needs a DeskProvider above it");
  }
  return desk;
}
