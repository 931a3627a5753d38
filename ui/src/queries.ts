/** What the screens ask the desk, and what they ask again when something has changed. */
import {
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect } from "react";
import {
  type AppView,
  type ChangeFilter,
  type Desk,
  type QueueFilter,
  type TransferProgress,
  useDesk,
} from "./platform/desk";

/** Rows that one page of a list can have; a shorter page is the last. */
export const PAGE_ROWS = 100;
/** How often it is asked how far an import came: it goes on by itself. */
const IMPORT_STEP_MS = 1_000;
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
