/* What the process reports: JSON lines to a file, or text for people on stdout. */
#ifndef WSPCHECK_REPORT_H
#define WSPCHECK_REPORT_H

#include <stdbool.h>

#include "entry.h"
#include "probe.h"
#include "record.h"
#include "registry.h"

/* Results are appended to this file as JSON lines; NULL: text on stdout. false: the
 * file cannot be written. `nonces`: one a line, each used once, by which the reader
 * knows lines for ours; a provider can read those that are used up, and so forge none.
 * NULL: lines have none. Path and nonces must live on. */
bool report_open(const wchar_t *path, const char *nonces);
/* Whether results go to people. */
bool report_is_text(void);

void report_hello(const char *provider, const struct entry *entries, size_t count);
void report_begin(const struct entry *entry,
                  const struct case_row *row,
                  unsigned limit_ms);
/* Writes the trace, too. Allocates nothing. `is_last`: the process ends with this case,
 * before its time. */
void report_end(const struct entry *entry,
                const struct case_row *row,
                const struct record *record,
                double duration_ms,
                bool is_last);
/* What probing an entry showed. */
void report_probe(const struct entry *entry, const struct probe *probe);
/* `went_wrong`: the provider is one, and did what none may do; otherwise it is not
 * there, or says itself that it cannot work. */
void report_fatal(const char *message, bool went_wrong);
void report_bye(unsigned cases);

/* Number of results with this verdict so far. */
unsigned report_count(enum verdict verdict);

/* A line of `wspcheck list` on stdout. */
void report_case(const struct case_row *row);

#endif
