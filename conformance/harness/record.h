/* What is known about the running case so far: its verdict and what that rests on. The
 * texts live in the case's arena. All functions are callable from any thread. */
#ifndef WSPCHECK_RECORD_H
#define WSPCHECK_RECORD_H

#include <stdbool.h>

#include "text.h"
#include "verdict.h"

#define RECORD_OBSERVATIONS 32

struct observation {
    const char *requirement;
    const char *text;
};

struct record {
    enum verdict verdict; /* the worst so far */
    const char
        *expected; /* of what decided the verdict, else of the last expectation */
    const char *observed;
    const char *message; /* why it is not a pass */
    const char *file;
    int line;
    struct observation observations[RECORD_OBSERVATIONS];
    unsigned observation_count;
    bool contradicts_profile;
    unsigned met;    /* expectations that were */
    double waits_ms; /* declared waits */
};

void record_reset(const char *file, int line);
/* A copy; what it points to lives until the next reset of the arena. */
struct record record_get(void);

/* An expectation that was met: it describes a case that passes. */
void record_met(const char *file, int line, const char *expected, const char *observed);

/* A reason for a verdict. The worst one decides; among equals the first, and the
 * messages of the others are added to its own. `file` NULL: the case itself. */
void record_verdict(enum verdict verdict,
                    const char *file,
                    int line,
                    const char *expected,
                    const char *observed,
                    const char *message);

/* A finding of the harness itself, outside of any expectation: the case fails. */
void record_finding(const char *expected, const char *format, ...) PRINTF_LIKE(2, 3);

/* The case is blocked, since the provider lacks what its profile claims. That is said
 * of the profile, and makes the run red. */
void record_contradiction(const char *expected,
                          const char *observed,
                          const char *message);

void record_observation(const char *requirement, const char *text);
void record_wait(double ms);
bool record_clean(void);
/* Neither an expectation nor a verdict nor an observation: nothing was checked. */
bool record_is_empty(void);

#endif
