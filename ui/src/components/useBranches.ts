import { useMemo } from "react";
import type { BranchChoice } from "../platform/desk";
import { useAppView } from "../queries";

const NONE: readonly BranchChoice[] = [];

/** The branches of the network file, and what each is called; its code where the file does not name it. */
export function useBranches() {
  const branches = useAppView().data?.branches ?? NONE;
  return useMemo(() => {
    const names = new Map(branches.map(({ code, name }) => [code, name]));
    return { branches, nameOf: (code: string) => names.get(code) ?? code };
  }, [branches]);
}
