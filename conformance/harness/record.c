#include "record.h"

#include "arena.h"
#include "lock.h"

#include <string.h>

/* More than this is cut: a loop that fails a thousand times explains nothing. */
#define MESSAGE_SIZE 1500

static SRWLOCK lock = SRWLOCK_INIT;
static struct record record;
static const char *case_file;
static int case_line;

void record_reset(const char *file, int line)
{
    AcquireSRWLockExclusive(&lock);
    memset(&record, 0, sizeof record);
    record.expected = record.observed = record.message = "";
    record.file = case_file = file;
    record.line = case_line = line;
    ReleaseSRWLockExclusive(&lock);
}

struct record record_get(void)
{
    struct record copy;
    bool held = lock_acquire(&lock);

    copy = record;
    lock_release(&lock, held);
    return copy;
}

void record_met(const char *file, int line, const char *expected, const char *observed)
{
    AcquireSRWLockExclusive(&lock);
    ++record.met;
    if (record.verdict == VERDICT_PASS) {
        record.file = file;
        record.line = line;
        record.expected = expected;
        record.observed = observed;
    }
    ReleaseSRWLockExclusive(&lock);
}

static const char *joined(const char *first, const char *second)
{
    size_t size = strlen(first) + strlen(second) + 3;
    struct text text = {.capacity = size};

    if (!*first)
        return second;
    if (size > MESSAGE_SIZE || strstr(first, second))
        return first;
    text.start = arena_memory(size);
    text_add(&text, "%s; %s", first, second);
    return text.start;
}

void record_verdict(enum verdict verdict,
                    const char *file,
                    int line,
                    const char *expected,
                    const char *observed,
                    const char *message)
{
    AcquireSRWLockExclusive(&lock);
    if (verdict > record.verdict) {
        record.verdict = verdict;
        record.expected = expected;
        record.observed = observed;
        record.message = joined(message, record.message);
        record.file = file ? file : case_file;
        record.line = file ? line : case_line;
    } else {
        record.message = joined(record.message, message);
    }
    ReleaseSRWLockExclusive(&lock);
}

void record_finding(const char *expected, const char *format, ...)
{
    const char *observed;
    va_list list;

    va_start(list, format);
    observed = arena_text_list(format, list);
    va_end(list);
    record_verdict(VERDICT_FAIL, NULL, 0, expected, observed, observed);
}

void record_contradiction(const char *expected,
                          const char *observed,
                          const char *message)
{
    record_verdict(VERDICT_BLOCKED, NULL, 0, expected, observed, message);
    AcquireSRWLockExclusive(&lock);
    record.contradicts_profile = true;
    ReleaseSRWLockExclusive(&lock);
}

void record_observation(const char *requirement, const char *text)
{
    AcquireSRWLockExclusive(&lock);
    if (record.observation_count < RECORD_OBSERVATIONS) {
        struct observation *seen = &record.observations[record.observation_count++];

        seen->requirement = requirement;
        seen->text = text;
    }
    ReleaseSRWLockExclusive(&lock);
}

void record_wait(double ms)
{
    AcquireSRWLockExclusive(&lock);
    record.waits_ms += ms;
    ReleaseSRWLockExclusive(&lock);
}

bool record_clean(void)
{
    bool clean;

    AcquireSRWLockShared(&lock);
    clean = record.verdict < VERDICT_FAIL;
    ReleaseSRWLockShared(&lock);
    return clean;
}

bool record_is_empty(void)
{
    bool empty;

    AcquireSRWLockShared(&lock);
    empty = record.verdict == VERDICT_PASS && !record.met && !record.observation_count;
    ReleaseSRWLockShared(&lock);
    return empty;
}
