/* Expectations: each is one sentence with what was expected and what was observed, and
 * goes through CUnit. */
#include <CUnit/CUnit.h>

#include "arena.h"
#include "error_name.h"
#include "record.h"
#include "running.h"
#include "trace.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

const char *spi_text(const char *format, ...)
{
    const char *text;
    va_list list;

    va_start(list, format);
    text = arena_text_list(format, list);
    va_end(list);
    return text;
}

const char *error_text(int error)
{
    const char *name = error_name(error);

    if (error == ERRNO_POISON)
        return "untouched";
    return name ? spi_text("%s (%d)", name, error) : spi_text("%d", error);
}

/* What the function returns when it fails. */
static const char *failure_value(const char *function)
{
    if (!strcmp(function, "WSPSocket") || !strcmp(function, "WSPAccept"))
        return "INVALID_SOCKET";
    return strcmp(function, "WSPGetOverlappedResult") ? "SOCKET_ERROR" : "FALSE";
}

static bool zero_is_success(const char *function)
{
    return strcmp(function, "WSPSelect") && strcmp(function, "WSPSocket") &&
           strcmp(function, "WSPAccept") && strcmp(function, "WSPGetOverlappedResult");
}

static const char *success_value(const struct outcome *o)
{
    if (!strcmp(o->function, "WSPSocket") || !strcmp(o->function, "WSPAccept"))
        return spi_text("socket 0x%Ix", (size_t)o->socket);
    if (!strcmp(o->function, "WSPGetOverlappedResult"))
        return "TRUE";
    return spi_text("%d", o->result);
}

static const char *observed_text(const struct outcome *o)
{
    if (!o->failed) {
        if (o->result && zero_is_success(o->function))
            return spi_text("%d, which is neither 0 nor SOCKET_ERROR, *lpErrno %s",
                            o->result,
                            error_text(o->error));
        return spi_text("%s, *lpErrno %s", success_value(o), error_text(o->error));
    }
    if (o->error == ERRNO_POISON)
        return spi_text("%s, but *lpErrno was never written",
                        failure_value(o->function));
    if (!o->error)
        return spi_text("%s, but *lpErrno was set to 0", failure_value(o->function));
    return spi_text("%s with %s", failure_value(o->function), error_text(o->error));
}

static bool succeeded(const struct outcome *o)
{
    return !o->failed && (!o->result || !zero_is_success(o->function));
}

static void expect(const char *file,
                   int line,
                   bool met,
                   const char *subject,
                   const char *expected,
                   const char *observed)
{
    const char *message = spi_text("%s%sexpected %s; observed %s",
                                   subject,
                                   *subject ? ": " : "",
                                   expected,
                                   observed);

    if (met)
        record_met(file, line, expected, observed);
    else
        record_verdict(VERDICT_FAIL, file, line, expected, observed, message);
    CU_assertImplementation(met, (unsigned)line, message, file, "", CU_FALSE);
}

void spi_expect_succeeds(
    struct spi_test *t, const char *file, int line, const char *text, struct outcome o)
{
    const char *expected = zero_is_success(o.function) ? "0" : "success";

    (void)t;
    (void)text;
    expect(file, line, succeeded(&o), o.function, expected, observed_text(&o));
}

void spi_expect_fails(struct spi_test *t,
                      const char *file,
                      int line,
                      const char *text,
                      struct outcome o,
                      int code)
{
    const char *expected =
        spi_text("%s with %s", failure_value(o.function), error_text(code));

    (void)t;
    (void)text;
    expect(file,
           line,
           o.failed && o.error == code,
           o.function,
           expected,
           observed_text(&o));
}

static bool accepts(const struct accepted *accepted, const struct outcome *o)
{
    return accepted->error ? o->failed && o->error == accepted->error : succeeded(o);
}

static const char *
accepted_list(const char *function, const struct accepted *accepted, size_t count)
{
    static char buffer[1024];
    struct text text = TEXT_IN(buffer);

    for (size_t i = 0; i < count; ++i) {
        if (i)
            text_add(&text, i + 1 < count ? ", " : " or ");
        if (accepted[i].error)
            text_add(&text,
                     "%s with %s",
                     failure_value(function),
                     error_text(accepted[i].error));
        else
            text_add(&text, zero_is_success(function) ? "0" : "success");
        if (accepted[i].name)
            text_add(&text, " (%s)", accepted[i].name);
    }
    return spi_text("%s", buffer);
}

int spi_expect_one_of(struct spi_test *t,
                      const char *file,
                      int line,
                      const char *text,
                      struct outcome o,
                      const struct accepted *accepted,
                      size_t count)
{
    const char *expected = accepted_list(o.function, accepted, count);
    const char *observed = observed_text(&o);
    size_t seen = 0;

    (void)t;
    (void)text;
    while (seen < count && !accepts(&accepted[seen], &o))
        ++seen;
    if (seen < count && accepted[seen].name)
        observed = spi_text("%s: %s", observed, accepted[seen].name);
    expect(file, line, seen < count, o.function, expected, observed);
    if (seen == count)
        return -1;
    if (accepted[seen].tolerated)
        record_verdict(VERDICT_TOLERATED,
                       file,
                       line,
                       expected,
                       observed,
                       spi_text("%s: %s is allowed by %s",
                                o.function,
                                observed,
                                accepted[seen].tolerated));
    return (int)seen;
}

void spi_expect_that(struct spi_test *t,
                     const char *file,
                     int line,
                     bool condition,
                     const char *expected,
                     const char *observed)
{
    (void)t;
    /* A sentence that is written for the violation would contradict the verdict. */
    expect(file, line, condition, "", expected, condition ? "as expected" : observed);
}

/* Some bytes as hexadecimal digits, from the first difference on. */
static const char *bytes_from(const unsigned char *bytes, size_t from, size_t length)
{
    char buffer[64] = "";
    struct text text = TEXT_IN(buffer);

    for (size_t i = from; i < length && i < from + 8; ++i)
        text_add(&text, i > from ? " %02x" : "%02x", bytes[i]);
    return spi_text("%s%s", buffer, length > from + 8 ? " ..." : "");
}

void spi_expect_bytes(struct spi_test *t,
                      const char *file,
                      int line,
                      const char *text,
                      const void *actual,
                      const void *expected,
                      size_t length)
{
    const unsigned char *a = actual, *e = expected;
    size_t at = 0;

    (void)t;
    while (at < length && a[at] == e[at])
        ++at;
    if (at == length)
        expect(file,
               line,
               true,
               text,
               spi_text("the %lu bytes expected", (unsigned long)length),
               "these");
    else
        expect(file,
               line,
               false,
               text,
               spi_text("%s at offset %lu of %lu",
                        bytes_from(e, at, length),
                        (unsigned long)at,
                        (unsigned long)length),
               bytes_from(a, at, length));
}

struct outcome spi_setup(
    struct spi_test *t, const char *file, int line, const char *text, struct outcome o)
{
    (void)text;
    if (!succeeded(&o))
        spi_blocked(
            t, file, line, "set-up: %s returned %s", o.function, observed_text(&o));
    return o;
}

/* Where `blocked` leaves to on this thread: a jmp_buf; none: CUnit's. */
static DWORD place_slot = TLS_OUT_OF_INDEXES;

void blocked_goes_to(void *place)
{
    if (place_slot == TLS_OUT_OF_INDEXES)
        place_slot = TlsAlloc();
    TlsSetValue(place_slot, place);
}

static void __attribute__((noreturn))
leave(const char *file, int line, const char *reason)
{
    jmp_buf *place = TlsGetValue(place_slot);

    record_verdict(VERDICT_BLOCKED, file, line, "", "", reason);
    trace_line("blocked: %s", reason);
    trace_unwind();
    if (place)
        longjmp(*place, 1);
    CU_assertImplementation(
        CU_FALSE, (unsigned)line, reason, file ? file : "", "", CU_TRUE);
    /* Only without a running test, which is the harness's own fault. */
    abort();
}

void spi_blocked(
    struct spi_test *t, const char *file, int line, const char *format, ...)
{
    const char *reason;
    va_list list;

    (void)t;
    va_start(list, format);
    reason = arena_text_list(format, list);
    va_end(list);
    leave(file, line, reason);
}

void blocked(const char *format, ...)
{
    const char *reason;
    va_list list;

    va_start(list, format);
    reason = arena_text_list(format, list);
    va_end(list);
    leave(NULL, 0, reason);
}

void spi_observed(struct spi_test *t, const char *requirement, const char *format, ...)
{
    va_list list;

    (void)t;
    va_start(list, format);
    record_observation(requirement, arena_text_list(format, list));
    va_end(list);
}

bool spi_clean(const struct spi_test *t)
{
    (void)t;
    return record_clean();
}

static int most_rounds;

void rounds_limit(int most)
{
    most_rounds = most;
}

int rounds(const struct spi_test *t, int full)
{
    (void)t;
    return most_rounds && most_rounds < full ? most_rounds : full;
}
