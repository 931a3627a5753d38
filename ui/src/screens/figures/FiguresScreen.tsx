import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconCalculator } from "@tabler/icons-react";
import { useState } from "react";
import { Card } from "../../components/Card";
import { Figure } from "../../components/charts/Figure";
import { DayField, dayText } from "../../components/DayField";
import { ErrorNotice, Notice } from "../../components/Notice";
import { Screen } from "../../components/Screen";
import { SiteAnswers } from "../../components/SiteAnswers";
import { useBranches } from "../../components/useBranches";
import { dayOf, formatNumber, parseDay } from "../../format";
import { useLanguage } from "../../i18n";
import type { BranchFigures, Coverage, Figures, LentTitle, Step } from "../../platform/desk";
import { useMostLentTitles, useStatistics } from "../../queries";
import { groupsOf, stepName } from "./derive";
import classes from "./Figures.module.css";
import { useClassName } from "./useClassName";

/** Which days are counted, and in which steps. */
interface Period {
  readonly from: string;
  readonly to: string;
  readonly step: Step;
}

/** Days that are counted when the screen opens. */
const DAYS = 30;

function lastDays(): Period {
  const today = new Date();
  const from = new Date(today.getFullYear(), today.getMonth(), today.getDate() - DAYS + 1);
  return { from: dayOf(from), to: dayOf(today), step: "day" };
}

/** What the sites count: each its own, added up over those that answered. */
export function FiguresScreen() {
  const [period, setPeriod] = useState(lastDays);
  const figures = useStatistics(period);
  const lent = useMostLentTitles(period);
  const isAsking = figures.isAsking || lent.isAsking;
  const again = () => {
    figures.again();
    lent.again();
  };
  // Until all are there, branches stand as they come; a period can only be added up at the end.
  const branches =
    figures.whole?.figures.branches ?? figures.news.flatMap(({ answer }) => answer ?? []);
  const coverage = figures.whole?.coverage ?? null;
  return (
    <Screen
      title={<Trans>Figures</Trans>}
      data-testid="figures-screen"
      top={
        <Stack gap="sm">
          <PeriodForm period={period} onCount={setPeriod} />
          <ErrorNotice error={figures.error ?? lent.error} />
        </Stack>
      }
    >
      <SiteAnswers parts={figures.news} isAsking={isAsking} onAgain={again} />
      {branches.length > 0 && <OfBranches branches={branches} coverage={coverage} />}
      {figures.whole && (
        <OfPeriod
          figures={figures.whole.figures}
          coverage={figures.whole.coverage}
          step={figures.whole.step}
        />
      )}
      {lent.whole && <MostLent titles={lent.whole.titles} coverage={lent.whole.coverage} />}
    </Screen>
  );
}

function PeriodForm({ period, onCount }: { period: Period; onCount: (period: Period) => void }) {
  const { t } = useLingui();
  const [from, setFrom] = useState(dayText(period.from));
  const [to, setTo] = useState(dayText(period.to));
  const [step, setStep] = useState(period.step);
  const [wrong, setWrong] = useState<"from" | "to" | null>(null);
  const submit = () => {
    const [first, last] = [parseDay(from), parseDay(to)];
    if (first === null) {
      setWrong("from");
    } else if (last === null || last < first) {
      setWrong("to");
    } else {
      setWrong(null);
      onCount({ from: first, to: last, step });
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Group align="flex-end" gap="md">
        <DayField
          label={t`From`}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
          error={wrong === "from" && t`Type a day such as 22/11/2026.`}
          w={150}
          data-testid="figures-from"
        />
        <DayField
          label={t`To`}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          error={wrong === "to" && t`A day that is not before the first.`}
          w={150}
          data-testid="figures-to"
        />
        <SegmentedControl
          value={step}
          onChange={(next) => setStep(next as Step)}
          aria-label={t`Count by`}
          data-testid="figures-step"
          data={[
            { value: "day", label: t`by day` },
            { value: "week", label: t`by week` },
            { value: "month", label: t`by month` },
          ]}
        />
        <Button
          type="submit"
          leftSection={<IconCalculator size={18} aria-hidden />}
          data-testid="figures-count"
        >
          <Trans>Count</Trans>
        </Button>
      </Group>
    </form>
  );
}

/** Said of every whole that lacks something. */
function Partial({ coverage }: { coverage: Coverage | null }) {
  const { nameOf } = useBranches();
  if (coverage === null || coverage.absent.length === 0) {
    return null;
  }
  const names = coverage.absent.map(({ branch }) => nameOf(branch)).join(", ");
  return (
    <Text size="sm" fw={600} data-testid="partial">
      <Trans>without {names}</Trans>
    </Text>
  );
}

function OfBranches(props: { branches: BranchFigures[]; coverage: Coverage | null }) {
  const { t } = useLingui();
  const { nameOf } = useBranches();
  const { branches, coverage } = props;
  const note = <Partial coverage={coverage} />;
  const ofBranch = ({ branch }: BranchFigures) => ({ key: branch, name: nameOf(branch) });
  return (
    <>
      <Totals branches={branches} coverage={coverage} />
      <Figure
        title={t`The collection by branch`}
        note={note}
        lies
        data-testid="figure-branches"
        data={{
          of: <Trans>Branch</Trans>,
          series: [
            { key: "copies", name: <Trans>Copies</Trans> },
            { key: "out", name: <Trans>On loan</Trans> },
          ],
          groups: groupsOf(
            branches,
            ofBranch,
            (of) => of.copies,
            (of) => of.on_loan,
          ),
        }}
      />
      <Figure
        title={t`Overdue`}
        note={note}
        lies
        data-testid="figure-overdue"
        data={{
          of: <Trans>Branch</Trans>,
          series: [{ key: "overdue", name: <Trans>Overdue</Trans> }],
          groups: groupsOf(branches, ofBranch, (of) => of.overdue),
        }}
      />
    </>
  );
}

function OfPeriod(props: { figures: Figures; coverage: Coverage; step: Step }) {
  const { t } = useLingui();
  const className = useClassName();
  const { classes: byClass, steps } = props.figures;
  const note = <Partial coverage={props.coverage} />;
  const ofStep = (step: Figures["steps"][number]) => ({
    key: step.from,
    ...stepName(step.from, props.step),
  });
  return (
    <>
      <Figure
        title={t`Loans and returns`}
        note={note}
        data-testid="figure-loans"
        data={{
          of: stepHead(props.step),
          series: [
            { key: "loans", name: <Trans>Loans</Trans> },
            { key: "returns", name: <Trans>Returns</Trans> },
          ],
          groups: groupsOf(
            steps,
            ofStep,
            (step) => step.loans,
            (step) => step.returns,
          ),
        }}
      />
      <Figure
        title={t`New patrons`}
        note={note}
        data-testid="figure-patrons"
        data={{
          of: stepHead(props.step),
          series: [{ key: "patrons", name: <Trans>New patrons</Trans> }],
          groups: groupsOf(steps, ofStep, (step) => step.new_patrons),
        }}
      />
      <Figure
        title={t`The collection by class, and its use`}
        note={note}
        lies
        data-testid="figure-classes"
        data={{
          of: <Trans>Class</Trans>,
          series: [
            { key: "copies", name: <Trans>Copies</Trans> },
            { key: "loans", name: <Trans>Loans</Trans> },
          ],
          groups: groupsOf(
            byClass,
            (of) => ({ key: String(of.class), name: className(of.class) }),
            (of) => of.copies,
            (of) => of.loans,
          ),
        }}
      />
    </>
  );
}

function stepHead(step: Step) {
  switch (step) {
    case "day":
      return <Trans>Day</Trans>;
    case "week":
      return <Trans>Week from</Trans>;
    case "month":
      return <Trans>Month</Trans>;
  }
}

function Totals(props: { branches: BranchFigures[]; coverage: Coverage | null }) {
  const { language } = useLanguage();
  const { branches, coverage } = props;
  const sum = (of: (branch: BranchFigures) => number) =>
    formatNumber(
      branches.reduce((total, branch) => total + of(branch), 0),
      language,
    );
  const overdue = branches.reduce((total, { overdue }) => total + overdue, 0);
  return (
    <Card data-testid="figure-totals" data-overdue={overdue}>
      <dl className={classes.totals}>
        <div>
          <dt>
            <Trans>Copies</Trans>
          </dt>
          <dd>{sum((of) => of.copies)}</dd>
        </div>
        <div>
          <dt>
            <Trans>On loan now</Trans>
          </dt>
          <dd>{sum((of) => of.on_loan)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Overdue now</Trans>
          </dt>
          <dd>{formatNumber(overdue, language)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Patrons</Trans>
          </dt>
          <dd>{sum((of) => of.patrons)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Visitors</Trans>
          </dt>
          <dd>{sum((of) => of.visitors)}</dd>
        </div>
      </dl>
      <Partial coverage={coverage} />
    </Card>
  );
}

function MostLent({ titles, coverage }: { titles: LentTitle[]; coverage: Coverage }) {
  const { t } = useLingui();
  if (titles.length === 0) {
    return (
      <Notice kind="info">
        <Trans>Nothing was lent in this period.</Trans>
      </Notice>
    );
  }
  return (
    <Figure
      title={t`Lent most often`}
      note={<Partial coverage={coverage} />}
      lies
      data-testid="figure-most-lent"
      data={{
        of: <Trans>Title</Trans>,
        series: [{ key: "loans", name: <Trans>Loans</Trans> }],
        groups: groupsOf(
          titles,
          ({ key, title }) => ({ key, name: title?.name ?? key }),
          ({ loans }) => loans,
        ),
      }}
    />
  );
}
