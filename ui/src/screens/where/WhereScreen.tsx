import { Trans, useLingui } from "@lingui/react/macro";
import { SegmentedControl, Stack, TextInput } from "@mantine/core";
import { IconBarcode, IconUser } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { Empty } from "../../components/Empty";
import { Screen } from "../../components/Screen";
import { TitlePicker } from "../../components/TitlePicker";
import { useIsManager } from "../../queries";
import { TAKES_SCANS, useScanTarget } from "../shell/ScanRouting";
import { CopyAnywhere } from "./CopyAnywhere";
import { PatronAnywhere } from "./PatronAnywhere";
import { PatronsFound } from "./PatronsFound";
import { TitleAnywhere } from "./TitleAnywhere";

const TEXT = "text";

/** What can be sought. */
export type Sought = "title" | "copy" | "patron";

/**
 * Where a title, a copy or a patron is, at whatever branch: asked of all sites at once. Copies and patrons of other
 * branches are for managers to see.
 */
export function WhereScreen() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const isManager = useIsManager();
  const search = useSearch({ from: "/where" });
  const { key, home } = search;
  const of = isManager ? (search.of ?? "title") : "title";
  const seek = useCallback(
    (sought: Sought, next?: string) =>
      void navigate({ to: "/where", search: { of: sought, ...(next && { key: next }) } }),
    [navigate],
  );
  useScanTarget(
    useMemo(
      () =>
        isManager
          ? { scan: (code: string) => seek(of === "patron" ? "patron" : "copy", code.trim()) }
          : null,
      [seek, of, isManager],
    ),
  );
  return (
    <Screen
      title={<Trans>Where is it</Trans>}
      data-testid="where-screen"
      top={
        <Stack gap="sm">
          {isManager && (
            <SegmentedControl
              size="md"
              value={of}
              onChange={(next) => seek(next as Sought)}
              aria-label={t`What is sought`}
              data-testid="where-of"
              style={{ alignSelf: "flex-start" }}
              data={[
                { value: "title", label: t`A title` },
                { value: "copy", label: t`A copy` },
                { value: "patron", label: t`A patron` },
              ]}
            />
          )}
          {of === "title" ? (
            <form
              key="title"
              onSubmit={(event) => {
                event.preventDefault();
                // No title was chosen: what was scanned here is a copy's barcode.
                const text = new FormData(event.currentTarget).get(TEXT);
                if (isManager && typeof text === "string" && text.trim() !== "") {
                  seek("copy", text.trim());
                }
              }}
            >
              <TitlePicker
                size="lg"
                name={TEXT}
                aria-label={t`Search titles`}
                autoFocus
                onPick={(title) => title && seek("title", title.key)}
                // What is no title here is a book for the desk.
                {...(!isManager && { "data-takes-scans": undefined })}
                data-testid="where-title"
              />
            </form>
          ) : (
            <Code
              key={of}
              label={of === "copy" ? t`Barcode of a copy` : t`Name, code or phone of a patron`}
              icon={of === "copy" ? <IconBarcode aria-hidden /> : <IconUser aria-hidden />}
              onSeek={(text) => seek(of, text)}
            />
          )}
        </Stack>
      }
    >
      <Found of={of} sought={key ?? null} home={home ?? null} />
    </Screen>
  );
}

/** A text that is sought when Enter ends it. */
function Code(props: { label: string; icon: ReactNode; onSeek: (text: string) => void }) {
  const [text, setText] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") {
          props.onSeek(text.trim());
        }
      }}
    >
      <TextInput
        size="lg"
        autoFocus
        aria-label={props.label}
        placeholder={props.label}
        leftSection={props.icon}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
        data-testid="where-code"
        {...TAKES_SCANS}
      />
    </form>
  );
}

function Found({ of, sought, home }: { of: Sought; sought: string | null; home: string | null }) {
  if (sought === null) {
    return (
      <Empty>
        <Trans>Every branch is asked at once. What each says appears as soon as it is there.</Trans>
      </Empty>
    );
  }
  switch (of) {
    case "title":
      return <TitleAnywhere title={sought} />;
    case "copy":
      return <CopyAnywhere barcode={sought} />;
    case "patron":
      return home === null ? (
        <PatronsFound text={sought} />
      ) : (
        <PatronAnywhere branch={home} code={sought} />
      );
  }
}
