/** What the screens ask the desk, and what they ask again when something has changed. */
import {
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect, useState } from "react";
import {
  type AppView,
  type BranchFigures,
  type CardsSaid,
  type ChangeFilter,
  type CopySaid,
  type Desk,
  type HistorySaid,
  type LoanPlace,
  type Part,
  type PatronOf,
  type QueueFilter,
  type SiteView,
  type Step,
  type TitleAt,
  type TransferProgress,
  useDesk,
} from "./platform/desk";

/** Rows that one page of a list can have; a shorter page is the last. */
export const PAGE_ROWS = 100;
/** How often it is asked how far an import came: it goes on by itself. */
const IMPORT_STEP_MS = 1_000;
/** Titles in the list of those lent most often. */
const MOST_LENT = 20;
/** Pages that a list holds at most: beyond it, people should search rather than scroll. */
const PAGES_MAX = 50;

const KEYS = {
  view: ["view"],
  queue: ["queue"],
  review: ["review"],
  titles: ["titles"],
  patrons: ["patrons"],
  copies: ["copies"],
  network: ["network"],
  across: ["across"],
  transfers: ["transfers"],
  arriving: ["arriving"],
  changes: ["changes"],
  inDoubt: ["in-doubt"],
  rules: ["rules"],
} as const;

/** Told by the desk, and never asked for: no answer would be as new. */
const PROGRESS = ["transfer-progress"] as const;

type Topic = keyof typeof KEYS;

/** What is answered to the person who is signed in. */
const PERSONAL = [
  "queue",
  "review",
  "patrons",
  "copies",
  "across",
  "transfers",
  "arriving",
  "changes",
  "inDoubt",
] as const satisfies readonly Topic[];

/** The state of everything, kept current by what the desk tells. */
export function useAppView() {
  const desk = useDesk();
  return useQuery({ queryKey: KEYS.view, queryFn: () => desk.getView() });
}

/** Whether a manager is signed in: what only they may is not shown to others. The sites refuse it besides. */
export function useIsManager(): boolean {
  return useAppView().data?.desk.person?.roles.includes("manager") ?? false;
}

/** Hears the desk's news for as long as the caller is on the screen. */
export function useDeskNews(): void {
  const desk = useDesk();
  const client = useQueryClient();
  useEffect(() => {
    const view = listening(desk.onChanged((news) => takeView(client, news)));
    // What changed between the first question and the first news is not lost.
    void view.begun.then(() => client.invalidateQueries({ queryKey: KEYS.view }));
    const transfer = listening(desk.onTransfer((news) => takeProgress(client, news)));
    return () => {
      view.stop();
      transfer.stop();
    };
  }, [desk, client]);
}

/** News that are heard until they are stopped, also where that is before they have begun. */
function listening(begins: Promise<() => void>) {
  return { begun: begins, stop: () => void begins.then((stop) => stop()) };
}

function takeProgress(client: QueryClient, progress: TransferProgress): void {
  client.setQueryData(PROGRESS, progress);
  if (progress.is_over) {
    ask(client, "transfers");
  }
}

function takeView(client: QueryClient, view: AppView): void {
  const before = client.getQueryData<AppView>(KEYS.view);
  // A question still under way would bring back what was before this.
  void client.cancelQueries({ queryKey: KEYS.view });
  client.setQueryData(KEYS.view, view);
  if (JSON.stringify(before?.desk.queue) !== JSON.stringify(view.desk.queue)) {
    ask(client, "queue", "review");
  }
  if (before?.desk.knowledge.as_of !== view.desk.knowledge.as_of) {
    ask(client, "review");
  }
  if (before?.desk.person?.login !== view.desk.person?.login) {
    // Whether they may change it.
    ask(client, "network");
    // The next person gets their own answers, and sees none of this one's.
    for (const topic of PERSONAL) {
      client.removeQueries({ queryKey: KEYS[topic], type: "inactive" });
    }
  }
}

function ask(client: QueryClient, ...topics: Topic[]): void {
  for (const topic of topics) {
    void client.invalidateQueries({ queryKey: KEYS[topic] });
  }
}

/** A page of the queue after another, for this filter. */
export function useQueue(filter: QueueFilter) {
  const desk = useDesk();
  return useInfiniteQuery({
    queryKey: [...KEYS.queue, filter],
    queryFn: ({ pageParam }) => desk.queueList(filter, pageParam),
    initialPageParam: 0,
    maxPages: PAGES_MAX,
    getNextPageParam: (last, pages) => (last.length < PAGE_ROWS ? undefined : pages.flat().length),
  });
}

/** What has to be looked at. */
export function useReview() {
  const desk = useDesk();
  return useQuery({ queryKey: KEYS.review, queryFn: () => desk.reviewList() });
}

/** Titles that the text finds, a page after another. What was found stays until the next is there. */
export function useTitles(text: string) {
  const desk = useDesk();
  return useInfiniteQuery({
    queryKey: [...KEYS.titles, text],
    queryFn: ({ pageParam }) => desk.titleSearch(text, pageParam),
    initialPageParam: 0,
    maxPages: PAGES_MAX,
    getNextPageParam: (last, pages) =>
      last.more ? pages.reduce((sum, page) => sum + page.titles.length, 0) : undefined,
    placeholderData: (before) => before,
  });
}

/** Patrons that the text finds. */
export function usePatrons(text: string) {
  const desk = useDesk();
  return useQuery({
    queryKey: [...KEYS.patrons, "find", text],
    queryFn: () => desk.patronFind(text),
    enabled: text.trim() !== "",
    placeholderData: (before) => before,
  });
}

/** One patron with their loans. */
export function usePatron(code: string | null) {
  const desk = useDesk();
  return useQuery({
    queryKey: [...KEYS.patrons, "get", code],
    queryFn: () => desk.patronGet(code ?? ""),
    enabled: code !== null,
  });
}

/** One copy with its story. */
export function useCopy(barcode: string | null) {
  const desk = useDesk();
  return useQuery({
    queryKey: [...KEYS.copies, barcode],
    queryFn: () => desk.copyGet(barcode ?? ""),
    enabled: barcode !== null,
  });
}

/** The network file. It can be changed elsewhere: it is read anew whenever its screen opens. */
export function useNetwork() {
  const desk = useDesk();
  return useQuery({
    queryKey: KEYS.network,
    queryFn: () => desk.networkGet(),
    refetchOnMount: "always",
  });
}

/** What came of a question to all sites so far. */
export interface Asked<News, Whole> {
  /** In the order in which the sites answered. */
  readonly news: readonly News[];
  /** What they say together, once nobody is waited for. */
  readonly whole: Whole | null;
  /** Some have not answered, and their time is not over. */
  readonly isAsking: boolean;
  readonly error: unknown;
  readonly again: () => void;
}

/**
 * Asks something of which the answers come one by one, each shown as it comes. Nothing is asked while the
 * question is null; the answers to another question are not shown for this one.
 */
function useAsked<News, Whole>(
  question: readonly unknown[] | null,
  ask: (desk: Desk, hear: (news: News) => void) => Promise<Whole>,
): Asked<News, Whole> {
  const desk = useDesk();
  const client = useQueryClient();
  const queryKey = [...KEYS.across, ...(question ?? [])];
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<Pick<Asked<News, Whole>, "news" | "whole">> => {
      const news: News[] = [];
      const tell = (whole: Whole | null) => ({ news: [...news], whole });
      const whole = await ask(desk, (one) => {
        news.push(one);
        if (!signal.aborted) {
          client.setQueryData(queryKey, tell(null));
        }
      });
      return tell(whole);
    },
    enabled: question !== null,
    // What sites say is of the moment.
    staleTime: 0,
    gcTime: 0,
  });
  return {
    news: query.data?.news ?? [],
    whole: query.data?.whole ?? null,
    isAsking: query.isFetching,
    error: query.error,
    again: () => void query.refetch(),
  };
}

/** What each branch has of a title. */
export function useWhereIsTitle(key: string) {
  return useAsked(["title", key], (desk, hear: (at: TitleAt) => void) =>
    desk.whereIsTitle(key, hear),
  );
}

/** Where a copy is. */
export function useWhereIsCopy(barcode: string) {
  return useAsked(["copy", barcode], (desk, hear: (part: Part<CopySaid>) => void) =>
    desk.whereIsCopy(barcode, hear),
  );
}

/** Patrons of all branches whom the text finds. */
export function usePatronsAnywhere(text: string) {
  return useAsked(["patrons", text], (desk, hear: (part: Part<CardsSaid>) => void) =>
    desk.findPatronAnywhere(text, hear),
  );
}

/** A page of a patron's loans at all branches, behind a place. */
export function usePatronHistory(patron: PatronOf, behind: LoanPlace | null) {
  return useAsked(["history", patron, behind], (desk, hear: (part: Part<HistorySaid>) => void) =>
    desk.patronHistory(patron, behind, hear),
  );
}

/** What all sites count in a period. */
export function useStatistics(period: { from: string; to: string; step: Step }) {
  return useAsked(["statistics", period], (desk, hear: (part: Part<BranchFigures>) => void) =>
    desk.statistics(period.from, period.to, period.step, hear),
  );
}

/** The titles lent most often in a period, at all sites together. */
export function useMostLentTitles({ from, to }: { from: string; to: string }) {
  return useAsked(["most-lent", from, to], (desk, _hear: (part: never) => void) =>
    desk.mostLentTitles(from, to, MOST_LENT),
  );
}

/** Which sites are there, and how each stands in the network. */
export function useSiteStates() {
  return useAsked(["sites"], (desk, hear: (state: SiteView) => void) => desk.siteStates(hear));
}

/** Orders of this desk, a page after another. */
export function useTransferOrders() {
  const desk = useDesk();
  return useInfiniteQuery({
    queryKey: [...KEYS.transfers, "list"],
    queryFn: ({ pageParam }) => desk.transferList(pageParam),
    initialPageParam: 0,
    maxPages: PAGES_MAX,
    getNextPageParam: (last, pages) => (last.length < PAGE_ROWS ? undefined : pages.flat().length),
  });
}

/** One order with its copies. */
export function useTransferOrder(id: string) {
  const desk = useDesk();
  return useQuery({
    queryKey: [...KEYS.transfers, "get", id],
    queryFn: () => desk.transferGet(id),
  });
}

/** The books of an order that are to be taken from the shelves. */
export function usePickList(id: string) {
  const desk = useDesk();
  return useQuery({
    queryKey: [...KEYS.transfers, "pick-list", id],
    queryFn: () => desk.transferPickList(id),
    gcTime: 0,
  });
}

/** How far the transfer is that runs at this desk, or the last one that did. */
export function useTransferProgress(): TransferProgress | null {
  return (
    useQuery<TransferProgress | null>({
      queryKey: PROGRESS,
      queryFn: () => null,
      staleTime: Number.POSITIVE_INFINITY,
    }).data ?? null
  );
}

/** Books on their way to this branch. */
export function useArriving() {
  const desk = useDesk();
  return useQuery({ queryKey: KEYS.arriving, queryFn: () => desk.listArriving() });
}

/** Transactions that are not settled, with what each site has of them. */
export function useInDoubt() {
  const desk = useDesk();
  return useQuery({
    queryKey: KEYS.inDoubt,
    queryFn: () => desk.transactionsInDoubt(),
    refetchOnMount: "always",
  });
}

/** Branches as they stand at an active site, loan policy and closed days as this desk knows them. */
export function useRules() {
  const desk = useDesk();
  const branches = useQuery({
    queryKey: [...KEYS.rules, "branches"],
    queryFn: () => desk.branchesList(),
  });
  const policies = useQuery({
    queryKey: [...KEYS.rules, "policies"],
    queryFn: () => desk.policiesList(),
  });
  const days = useQuery({
    queryKey: [...KEYS.rules, "closed-days"],
    queryFn: () => desk.closedDaysList(null),
  });
  return { branches, policies, days };
}

/** Changes of what every site holds, a page after another. */
export function useChanges(filter: ChangeFilter) {
  const desk = useDesk();
  return useInfiniteQuery({
    queryKey: [...KEYS.changes, filter],
    queryFn: ({ pageParam }) => desk.changesPending(filter, pageParam),
    initialPageParam: 0,
    maxPages: PAGES_MAX,
    getNextPageParam: (last, pages) =>
      last.changes.length < PAGE_ROWS
        ? undefined
        : pages.reduce((sum, page) => sum + page.changes.length, 0),
  });
}

/** How far an import came, looked at again while some of it waits. */
export function useImport(id: string | null) {
  const desk = useDesk();
  return useQuery({
    queryKey: [...KEYS.changes, "import", id],
    queryFn: () => desk.importProgress(id ?? ""),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data?.waiting === 0 ? false : IMPORT_STEP_MS),
  });
}

/** A deed that tells how far it is while it goes on; `told` is what it said last, or all that it said. */
export function useLongDeed<Input, News, Output>(
  deed: (desk: Desk, input: Input, hear: (news: News) => void) => Promise<Output>,
  ...changes: Topic[]
) {
  const [told, setTold] = useState<readonly News[]>([]);
  const mutation = useDeed(
    (desk, input: Input) => {
      setTold([]);
      return deed(desk, input, (news) => setTold((before) => [...before, news]));
    },
    ...changes,
  );
  return { ...mutation, told };
}

/** A deed of the desk; what it changes is asked again when it is done, also when it failed. */
export function useDeed<Input, Output>(
  deed: (desk: Desk, input: Input) => Promise<Output>,
  ...changes: Topic[]
) {
  const desk = useDesk();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => deed(desk, input),
    onSettled: () => ask(client, "view", ...changes),
  });
}
