/* Checks of the tests of the ISO transport peer: each failure shows what was seen. */
#ifndef WSPCHECK_ISOTP_CHECK_H
#define WSPCHECK_ISOTP_CHECK_H

#include "isotp_result.h"

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static inline void check(const char *file, int line, bool holds, const char *text)
{
    CU_assertImplementation(holds, (unsigned)line, text, file, "", CU_FALSE);
}

#define CHECK(condition) check(__FILE__, __LINE__, (condition), #condition)

static inline void
check_text(const char *file, int line, const char *observed, const char *expected)
{
    char text[600];

    snprintf(text, sizeof text, "expected \"%s\", observed \"%s\"", expected, observed);
    check(file, line, strcmp(observed, expected) == 0, text);
}

#define CHECK_TEXT(observed, expected) \
    check_text(__FILE__, __LINE__, (observed), (expected))

static inline void check_result(const char *file,
                                int line,
                                const char *call,
                                enum isotp_result observed,
                                enum isotp_result expected,
                                const struct isotp_why *why)
{
    char text[600];

    snprintf(text,
             sizeof text,
             "%s: expected result %d, observed %d: %s",
             call,
             expected,
             observed,
             why->text);
    check(file, line, observed == expected, text);
}

/* The operation of a peer ends like this. */
#define ENDS(peer, result, call) \
    check_result(__FILE__, __LINE__, #call, (call), (result), &(peer).why)
#define OK(peer, call) ENDS(peer, ISOTP_OK, call)

/* Runs all; gives the exit code of the test program. */
static inline int run_suites(CU_SuiteInfo *suites)
{
    unsigned failures;

    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return 2;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    if (CU_basic_run_tests() != CUE_SUCCESS)
        return 2;
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures > 0;
}

#endif
