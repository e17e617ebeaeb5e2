/* What peers send, from fuzz/streams.txt. */
#include "seed.h"

#include <string.h>

#include "expect.h"

static void check_seed(const struct seed *seed, size_t step)
{
    static uint8_t room[4096];
    struct octet_writer reply = {.at = room, .size = sizeof room};
    struct transcript transcript = {0};
    struct circuit circuit;
    char message[1400];

    scene_set(&circuit, seed->scene);
    scene_feed(&circuit, hex(seed->octets), step, &transcript);
    transcript_end(&transcript);
    snprintf(message,
             sizeof message,
             "%s, %u at a time: want \"%s\", got \"%s\"",
             seed->name,
             (unsigned)step,
             seed->transcript,
             transcript.text);
    CU_assertImplementation(strcmp(transcript.text, seed->transcript) == 0,
                            __LINE__,
                            message,
                            ISOTP_STREAMS,
                            "",
                            CU_FALSE);
    scene_drain(&circuit, &reply);
    EXPECT_OCTETS(octets_of(room, reply.length), seed->reply);
}

/* However TCP cuts a stream, it means the same. */
static void test_streams_mean_what_they_say(void)
{
    static const size_t steps[] = {SIZE_MAX, 1, 2, 3, 7, 100};
    FILE *file = fopen(ISOTP_STREAMS, "r");
    struct seed seed;
    size_t count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (seed_read(file, &seed)) {
        expect_about(seed.name);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            check_seed(&seed, steps[i]);
        count++;
    }
    expect_about(NULL);
    fclose(file);
    CU_ASSERT(count > 100);
}

CU_TestInfo stream_tests[] = {
    {"streams mean what they say", test_streams_mean_what_they_say},
    CU_TEST_INFO_NULL,
};
