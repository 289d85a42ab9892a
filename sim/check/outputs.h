/* The outputs of a report. All are the same bytes for the same results. */

#ifndef HS_CHECK_OUTPUTS_H
#define HS_CHECK_OUTPUTS_H

#include "sim/check/report.h"

/* What is printed: a table, then what is wrong and why. COLOUR: with terminal
 * escapes. */
void hs_ci_text(const HsCiReport *report, bool colour, GString *text);

/* JUnit XML, as Ant's and Jenkins' schemas have it: a suite for each scenario,
 * a case for each item. time= is simulated time, and there is no date. */
void hs_ci_junit(const HsCiReport *report, GString *text);

/* TAP version 13: a test for each item; what fails has a YAML block. */
void hs_ci_tap(const HsCiReport *report, GString *text);

/* SARIF 2.1.0: findings, failed expectations and files that cannot be loaded,
 * with file and line. */
void hs_ci_sarif(const HsCiReport *report, GString *text);

/* A line for each scenario and one for all: OUTPUTS.md has the fields. */
void hs_ci_json(const HsCiReport *report, GString *text);

/* "dx-cut.ini:54", or without a line where there is none (transfer full). */
char *hs_ci_place(const HsCiScenario *scenario, const HsCiItem *item);

#endif
