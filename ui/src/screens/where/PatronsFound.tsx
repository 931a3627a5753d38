import { Trans, useLingui } from "@lingui/react/macro";
import { Stack, Text } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { Category } from "../../components/Category";
import { Empty } from "../../components/Empty";
import { ErrorNotice, Notice } from "../../components/Notice";
import { type Column, Rows } from "../../components/Rows";
import { SiteAnswers } from "../../components/SiteAnswers";
import { useBranches } from "../../components/useBranches";
import type { PatronCard } from "../../platform/desk";
import { usePatronsAnywhere } from "../../queries";

/** Patrons of all branches whom a text finds. */
export function PatronsFound({ text }: { text: string }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { nameOf } = useBranches();
  const asked = usePatronsAnywhere(text);
  const found = asked.whole?.found;
  const cards = found?.cards ?? asked.news.flatMap(({ answer }) => answer?.cards ?? []);
  const search = (card: PatronCard) => ({
    of: "patron" as const,
    key: card.home_code ?? card.code,
    home: card.home_branch ?? card.branch,
  });
  const columns: Column<PatronCard>[] = [
    {
      key: "code",
      head: <Trans>Code</Trans>,
      width: "140px",
      cell: (card) => (
        <Link to="/where" search={search(card)} data-testid="patron-anywhere-open">
          {card.code}
        </Link>
      ),
    },
    {
      key: "name",
      head: <Trans>Name</Trans>,
      width: "minmax(220px, 2fr)",
      cell: (card) => <Text fw={600}>{card.name}</Text>,
    },
    {
      key: "branch",
      head: <Trans>Branch</Trans>,
      width: "minmax(180px, 1.4fr)",
      cell: (card) => nameOf(card.branch),
    },
    {
      key: "category",
      head: <Trans>Category</Trans>,
      width: "140px",
      cell: (card) => <Category code={card.category} />,
    },
  ];
  return (
    <>
      <ErrorNotice error={asked.error} />
      <SiteAnswers parts={asked.news} isAsking={asked.isAsking} onAgain={asked.again} />
      {found && found.cut.length > 0 && (
        <Notice kind="attention" data-testid="patrons-cut">
          <Trans>
            There are more at: {found.cut.map(nameOf).join(", ")}. Type more of the name, or the
            code.
          </Trans>
        </Notice>
      )}
      {cards.length === 0 ? (
        <Stack>
          {!asked.isAsking && (
            <Empty>
              <Trans>
                Nobody is found at the branches that answered. Try the beginning of each word, or
                the code on the card.
              </Trans>
            </Empty>
          )}
        </Stack>
      ) : (
        <Rows
          label={t`Patrons found`}
          rows={cards}
          columns={columns}
          rowKey={(card) => `${card.branch} ${card.code}`}
          onOpen={(card) => void navigate({ to: "/where", search: search(card) })}
          data-testid="patrons-anywhere"
        />
      )}
    </>
  );
}
