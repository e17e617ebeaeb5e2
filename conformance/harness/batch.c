#include "batch.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>

#include "applicability.h"
#include "arena.h"
#include "error_name.h"
#include "guard.h"
#include "provider.h"
#include "record.h"
#include "report.h"
#include "residue.h"
#include "running.h"
#include "trace.h"
#include "wire_mark.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CUnit's functions take no argument: this is what they are about. */
static struct spi_private harness;
static struct spi_test test;
static bool arranged;
static enum residue residue;

static const struct spi_case *running_case(void)
{
    return harness.running->source;
}

/* Marks around the case as a whole. */
static void mark(const char *name)
{
    if (!running_case()->wire)
        return;
    wire_mark(name);
    if (!wire_mark_sent())
        record_verdict(VERDICT_BLOCKED,
                       NULL,
                       0,
                       "",
                       "",
                       "a mark for the capture could not be sent");
}

/* CUnit has no jump buffer yet, and would run the test function anyway. */
static void set_up(void)
{
    jmp_buf place;

    arranged = false;
    mark("begin");
    residue_begin();
    if (!setjmp(place)) {
        blocked_goes_to(&place);
        if (running_case()->arrange)
            running_case()->arrange(&test);
        arranged = true;
    }
    blocked_goes_to(NULL);
}

static void body(void)
{
    if (arranged)
        running_case()->body(&test);
}

/* Nothing fatal here: CUnit's jump buffer is still set and it would loop for ever. */
static void tear_down(void)
{
    jmp_buf place;

    mark("closing");
    if (!setjmp(place)) {
        blocked_goes_to(&place);
        residue = residue_end(&test);
    }
    blocked_goes_to(NULL);
    mark("end");
}

static void begin_test(const struct job *job, const WSPPROC_TABLE *table)
{
    const struct spi_test empty = {.s = INVALID_SOCKET,
                                   .listener = INVALID_SOCKET,
                                   .other = INVALID_SOCKET,
                                   .entry = &job->entry->info,
                                   .table = table,
                                   .row = job->row->row,
                                   .harness = &harness};

    harness.entry = job->entry;
    harness.running = job->row;
    wire_belongs_to(job->entry->id, job->row);
    memcpy(&test, &empty, sizeof test);
}

/* One registry a case: CUnit looks tests up by name, one after the other. */
static bool run_by_cunit(const struct job *job)
{
    const char *name = spi_text("%s %s", job->entry->id, job->row->id);
    CU_pSuite suite;
    CU_pTest cu_test;
    bool ran;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return false;
    suite =
        CU_add_suite_with_setup_and_teardown("wspcheck", NULL, NULL, set_up, tear_down);
    cu_test = suite ? CU_add_test(suite, name, body) : NULL;
    ran = cu_test && CU_run_test(suite, cu_test) == CUE_SUCCESS;
    if (ran && record_is_empty())
        record_verdict(
            VERDICT_BLOCKED, NULL, 0, "", "", "the case has checked nothing");
    CU_cleanup_registry();
    return ran;
}

/* The table of another version, if the case asks for one and the provider has it. */
static bool start_version(const struct job *job, WSPPROC_TABLE *table)
{
    WORD version = job->row->source->applies.version;
    WSPDATA data;
    int error = provider_startup(job->entry, version, &data, table);

    if (error)
        record_verdict(VERDICT_NOT_APPLICABLE,
                       NULL,
                       0,
                       "",
                       "",
                       spi_text("the provider does not offer version %d.%d: WSPStartup "
                                "answered %s",
                                LOBYTE(version),
                                HIBYTE(version),
                                error_text(error)));
    else if (data.wVersion != version)
        record_verdict(
            VERDICT_NOT_APPLICABLE,
            NULL,
            0,
            "",
            "",
            spi_text("asked for version %d.%d, the provider negotiated %d.%d",
                     LOBYTE(version),
                     HIBYTE(version),
                     LOBYTE(data.wVersion),
                     HIBYTE(data.wVersion)));
    if (!error && data.wVersion != version)
        provider_cleanup(table, "in WSPCleanup of another version than asked for");
    return !error && data.wVersion == version;
}

/* A case about packets, and nobody keeps them: it has nothing to rest on. */
static bool lacks_capture(const struct job *job)
{
    if (!job->row->source->wire || wire_is_captured())
        return false;
    record_verdict(VERDICT_BLOCKED,
                   NULL,
                   0,
                   "",
                   "",
                   "its claims are about packets, and none are captured here (--wire)");
    return true;
}

static bool run_case(const struct job *job)
{
    const struct applies *applies = &job->row->source->applies;
    WSPPROC_TABLE other;
    char why[256] = "";
    struct text text = TEXT_IN(why);
    bool ran;

    if (!applies_to(applies, &job->entry->info, &text)) {
        record_verdict(VERDICT_NOT_APPLICABLE, NULL, 0, "", "", spi_text("%s", why));
        return true;
    }
    if (lacks_capture(job))
        return true;
    if (!applies->version || applies->version == MAKEWORD(2, 2)) {
        begin_test(job, &job->entry->table);
        return run_by_cunit(job);
    }
    if (!start_version(job, &other))
        return true;
    begin_test(job, &other);
    ran = run_by_cunit(job);
    provider_cleanup(&other, "in WSPCleanup of the case's version");
    return ran;
}

static bool run_job(const struct job *job, unsigned limit_ms)
{
    const struct spi_case *source = job->row->source;
    struct record record;
    double ms;
    bool ran;

    trace_reset();
    record_reset(source->file, source->line);
    residue = RESIDUE_NONE;
    limit_ms = source->limit_ms ? source->limit_ms : limit_ms;
    report_begin(job->entry, job->row, limit_ms);
    guard_open(job->entry, job->row, limit_ms);
    ran = run_case(job);
    ms = guard_close();
    record = record_get();
    report_end(job->entry, job->row, &record, ms, residue == RESIDUE_PROCESS);
    if (residue == RESIDUE_PROCESS)
        guard_end_process(EXIT_ENDED_BY_CASE);
    arena_reset(residue == RESIDUE_OPERATIONS);
    return ran;
}

bool batch_run(const struct job *jobs, size_t count, unsigned limit_ms)
{
    bool ran = true;

    for (size_t i = 0; i < count && ran; ++i)
        ran = run_job(&jobs[i], limit_ms);
    return ran;
}
