#include "expect.h"

#include <stdio.h>

static const char *about;

void expect_about(const char *subject)
{
    about = subject;
}

/* As hexadecimal digits, as many as fit. */
static void dump(char *to, size_t size, struct octets octets)
{
    size_t used = 0;

    to[0] = '\0';
    for (size_t i = 0; i < octets.length && used + 3 < size; i++)
        used += (size_t)snprintf(to + used, size - used, "%02x", octets.at[i]);
}

void expect_octets(const char *file,
                   unsigned line,
                   struct octets actual,
                   const char *text)
{
    struct octets wanted = hex(text);
    char found[400];
    char message[1000];

    dump(found, sizeof found, actual);
    snprintf(message,
             sizeof message,
             "%.200s: want %.300s, got %s",
             about ? about : "",
             text,
             found);
    CU_assertImplementation(
        octets_equal(actual, wanted), line, message, file, "", CU_FALSE);
}

void expect_equal(const char *file,
                  unsigned line,
                  const char *expression,
                  long long actual,
                  long long wanted)
{
    char message[500];

    snprintf(message,
             sizeof message,
             "%.200s: %.200s: want %lld, got %lld",
             about ? about : "",
             expression,
             wanted,
             actual);
    CU_assertImplementation(actual == wanted, line, message, file, "", CU_FALSE);
}
