/* User data on their way out. */
#include "pair.h"

#include "expect.h"

static const struct octets none;

static void expect_written(struct circuit *circuit, const char *text)
{
    static uint8_t room[16384];
    struct octet_writer writer = {.at = room, .size = sizeof room};

    scene_drain(circuit, &writer);
    EXPECT_OCTETS(octets_of(room, writer.length), text);
}

static void test_a_short_tsdu_is_one_dt(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_OPEN);
    EXPECT_EQUAL(circuit_send(&circuit, 4, true), CIRCUIT_OK);
    expect_written(&circuit, "0300000d 04f0100180 64*4");
    scene_set(&circuit, SCENE_CLASS_0);
    circuit_send(&circuit, 4, true);
    expect_written(&circuit, "0300000b 02f080 64*4");
}

static void test_a_long_tsdu_is_cut_to_the_agreed_size(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_OPEN);
    circuit_send(&circuit, 2 * 2043 + 1, true);
    expect_written(&circuit,
                   "03000804 04f0100100 64*2043 03000804 04f0100101 64*2043 "
                   "0300000a 04f0100182 64");
    circuit_send(&circuit, 2043, true);
    expect_written(&circuit, "03000804 04f0100183 64*2043");
    scene_set(&circuit, SCENE_CLASS_0);
    circuit_send(&circuit, 2046, true);
    expect_written(&circuit, "03000804 02f000 64*2045 03000008 02f080 64");
}

static void test_a_tsdu_goes_in_pieces(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_OPEN);
    EXPECT_EQUAL(circuit_send(&circuit, 2, false), CIRCUIT_OK);
    EXPECT_EQUAL(circuit_send(&circuit, 1, true), CIRCUIT_BUSY);
    expect_written(&circuit, "0300000b 04f0100100 64*2");
    EXPECT_EQUAL(circuit_send(&circuit, 0, false), CIRCUIT_OK);
    expect_written(&circuit, "");
    EXPECT_EQUAL(circuit_send(&circuit, 0, true), CIRCUIT_OK);
    expect_written(&circuit, "03000009 04f0100181");
}

static void test_numbers_start_again_behind_127(void)
{
    struct pair pair;

    pair_connect(&pair);
    for (size_t i = 0; i < 300; i++) {
        circuit_send(&pair.caller.circuit, 1, i == 299);
        pair_run(&pair);
    }
    EXPECT_EQUAL(pair.caller.circuit.outbox.number, 300 % 256);
    CU_ASSERT_STRING_EQUAL(pair.callee.seen.text, "call, tsdu 300");
}

/* Writes `count` octets of what is due, as a stream that takes no more at once. */
static void
write_some(struct circuit *circuit, struct octet_writer *writer, size_t count)
{
    struct outbox_output output = circuit_output(circuit);
    struct octets head = octets_front(output.octets, count);
    size_t payload = count - head.length;

    if (payload > output.payload)
        payload = output.payload;
    write_octets(writer, head);
    for (size_t i = 0; i < payload; i++)
        write_octet(writer, 'd');
    circuit_written(circuit, head.length + payload);
}

/* However little the stream takes, the octets are the same. */
static void test_writing_may_stop_anywhere(void)
{
    static uint8_t all[8192];
    static uint8_t some[8192];

    for (size_t step = 1; step < 20; step++) {
        struct octet_writer whole = {.at = all, .size = sizeof all};
        struct octet_writer parts = {.at = some, .size = sizeof some};
        struct circuit circuit;

        scene_set(&circuit, SCENE_CALLED);
        circuit_accept(&circuit, none);
        circuit_send(&circuit, 2100, true);
        circuit_disconnect(&circuit, 128, hex("\"bye\""));
        scene_drain(&circuit, &whole);

        scene_set(&circuit, SCENE_CALLED);
        circuit_accept(&circuit, none);
        circuit_send(&circuit, 2100, true);
        circuit_disconnect(&circuit, 128, hex("\"bye\""));
        while (circuit_output(&circuit).octets.length > 0 ||
               circuit_output(&circuit).payload > 0)
            write_some(&circuit, &parts, step);
        CU_ASSERT(
            octets_equal(octets_of(all, whole.length), octets_of(some, parts.length)));
    }
}

/* A DT that is partly written is completed, what is behind it is not begun. */
static void test_a_fault_cuts_what_is_not_begun(void)
{
    static uint8_t room[8192];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    struct transcript seen = {0};
    struct circuit circuit;

    scene_set(&circuit, SCENE_OPEN);
    circuit_send(&circuit, 5000, true);
    scene_feed(&circuit, hex("04"), 1, &seen);
    scene_feed(&circuit, hex("000000"), 1, &seen);
    expect_written(&circuit, "0300000b 068010012002 85");

    scene_set(&circuit, SCENE_OPEN);
    circuit_send(&circuit, 5000, true);
    write_some(&circuit, &writer, 10);
    scene_feed(&circuit, hex("04000000"), 1, &seen);
    expect_written(&circuit, "64*2042 0300000b 068010012002 85");
}

static void test_more_than_was_due_is_not_counted(void)
{
    struct circuit circuit;

    scene_set(&circuit, SCENE_OPEN);
    circuit_written(&circuit, 100);
    circuit_send(&circuit, 2, true);
    circuit_written(&circuit, 1000);
    expect_written(&circuit, "");
    EXPECT_EQUAL(circuit_send(&circuit, 2, true), CIRCUIT_OK);
}

CU_TestInfo sending_tests[] = {
    {"a short TSDU is one DT", test_a_short_tsdu_is_one_dt},
    {"a long TSDU is cut to the agreed size",
     test_a_long_tsdu_is_cut_to_the_agreed_size},
    {"a TSDU goes in pieces", test_a_tsdu_goes_in_pieces},
    {"numbers start again behind 127", test_numbers_start_again_behind_127},
    {"writing may stop anywhere", test_writing_may_stop_anywhere},
    {"a fault cuts what is not begun", test_a_fault_cuts_what_is_not_begun},
    {"more than was due is not counted", test_more_than_was_due_is_not_counted},
    CU_TEST_INFO_NULL,
};
