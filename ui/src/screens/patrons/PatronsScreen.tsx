import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Text, TextInput } from "@mantine/core";
import { IconSearch, IconUserPlus } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { Category } from "../../components/Category";
import { Empty } from "../../components/Empty";
import { KnownOf } from "../../components/KnownOf";
import { ErrorNotice } from "../../components/Notice";
import { type Column, Rows } from "../../components/Rows";
import { Screen } from "../../components/Screen";
import { formatDay } from "../../format";
import type { PatronCard } from "../../platform/desk";
import { usePatrons } from "../../queries";
import { SENSE } from "../../theme";
import { TAKES_SCANS, useScanTarget } from "../shell/ScanRouting";
import { PatronFilePanel } from "./PatronFilePanel";
import { PatronForm } from "./PatronForm";

/** Characters of a search at most. */
const TEXT_CHARS_MAX = 200;

/** The branch's patrons: found by name or code, or by scanning a card. */
export function PatronsScreen() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { open } = useSearch({ from: "/patrons" });
  const [text, setText] = useState("");
  const [adds, setAdds] = useState(false);
  const found = usePatrons(useDeferredValue(text));
  const rows = found.data?.patrons ?? [];
  const openPatron = (code: string) => void navigate({ to: "/patrons", search: { open: code } });
  useScanTarget(
    useMemo(
      () => ({
        scan: (code) => void navigate({ to: "/patrons", search: { open: code.trim() } }),
      }),
      [navigate],
    ),
  );
  return (
    <Screen
      title={<Trans>Patrons</Trans>}
      data-testid="patrons-screen"
      actions={
        <Button
          leftSection={<IconUserPlus size={18} aria-hidden />}
          onClick={() => setAdds(true)}
          data-testid="patron-add"
        >
          <Trans>New card</Trans>
        </Button>
      }
      top={
        <form
          onSubmit={(event) => {
            event.preventDefault();
            // A scanned card, or the only one found, opens at once.
            const exact = rows.find(
              (card) => card.code.toLowerCase() === text.trim().toLowerCase(),
            );
            const code = exact?.code ?? (rows.length === 1 ? rows[0]?.code : text.trim());
            if (code) {
              openPatron(code);
            }
          }}
        >
          <TextInput
            size="lg"
            autoFocus
            aria-label={t`Search patrons`}
            placeholder={t`Name or code, or scan the card`}
            leftSection={<IconSearch size={22} aria-hidden />}
            maxLength={TEXT_CHARS_MAX}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onFocus={(event) => event.currentTarget.select()}
            data-testid="patron-search"
            {...TAKES_SCANS}
          />
        </form>
      }
    >
      <ErrorNotice error={found.error} />
      {open !== undefined ? (
        <PatronFilePanel
          code={open}
          onClose={() => void navigate({ to: "/patrons", search: {} })}
        />
      ) : text.trim() === "" ? (
        <Empty>
          <Trans>Type the beginning of a name or a code, or scan a card.</Trans>
        </Empty>
      ) : rows.length === 0 && !found.isFetching ? (
        <Empty>
          <Trans>Nobody is found. Try the beginning of each word, or the code on the card.</Trans>
        </Empty>
      ) : (
        <>
          {found.data?.as_of && <KnownOf as_of={found.data.as_of} now={new Date()} />}
          <PatronRows rows={rows} onOpen={openPatron} />
        </>
      )}
      {adds && <PatronForm patron={null} onClose={() => setAdds(false)} onSaved={openPatron} />}
    </Screen>
  );
}

function PatronRows(props: { rows: readonly PatronCard[]; onOpen: (code: string) => void }) {
  const { t } = useLingui();
  const columns: Column<PatronCard>[] = [
    {
      key: "code",
      head: <Trans>Code</Trans>,
      width: "140px",
      cell: (card) => (
        <Link to="/patrons" search={{ open: card.code }} data-testid="patron-open">
          {card.code}
        </Link>
      ),
    },
    {
      key: "name",
      head: <Trans>Name</Trans>,
      width: "minmax(240px, 2fr)",
      cell: (card) => <Text fw={600}>{card.name}</Text>,
    },
    {
      key: "category",
      head: <Trans>Category</Trans>,
      width: "160px",
      cell: (card) => <Category code={card.category} />,
    },
    {
      key: "expires",
      head: <Trans>Card good until</Trans>,
      width: "160px",
      cell: (card) => (card.card_expires ? formatDay(card.card_expires) : <Trans>no end</Trans>),
    },
    {
      key: "block",
      head: <Trans>State</Trans>,
      width: "minmax(120px, 1fr)",
      cell: (card) =>
        card.block !== null && (
          <Badge color={SENSE.bad} size="lg" tt="none">
            <Trans>blocked</Trans>
          </Badge>
        ),
    },
  ];
  return (
    <Rows
      label={t`Patrons found`}
      rows={props.rows}
      columns={columns}
      rowKey={(card) => card.code}
      onOpen={(card) => props.onOpen(card.code)}
      data-testid="patrons"
    />
  );
}
