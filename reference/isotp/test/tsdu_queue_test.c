#include "tsdu_queue.h"

#include "expect.h"

/* Takes the oldest TSDU as a whole into a buffer of its own. */
static struct octets take(struct tsdu_queue *queue)
{
    static uint8_t room[1024];
    size_t length = tsdu_queue_copy(queue, 0, room, sizeof room);

    tsdu_queue_drop(queue, length);
    return octets_of(room, length);
}

static void test_tsdus_come_out_as_they_went_in(void)
{
    uint8_t memory[64];
    struct tsdu_queue queue;
    struct tsdu_front front;

    tsdu_queue_init(&queue, memory, sizeof memory);
    EXPECT_EQUAL(tsdu_queue_front(&queue, &front), false);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex("01 02"), false), true);
    EXPECT_EQUAL(tsdu_queue_front(&queue, &front), true);
    EXPECT_EQUAL(front.length, 2);
    EXPECT_EQUAL(front.complete, false);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex("03"), true), true);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex("04"), true), true);
    tsdu_queue_front(&queue, &front);
    EXPECT_EQUAL(front.length, 3);
    EXPECT_EQUAL(front.complete, true);
    EXPECT_OCTETS(take(&queue), "01 02 03");
    EXPECT_OCTETS(take(&queue), "04");
    EXPECT_EQUAL(tsdu_queue_front(&queue, &front), false);
    EXPECT_EQUAL(tsdu_queue_copy(&queue, 0, memory, 1), 0);
}

static void test_empty_tsdu_is_a_tsdu(void)
{
    uint8_t memory[64];
    struct tsdu_queue queue;
    struct tsdu_front front;

    tsdu_queue_init(&queue, memory, sizeof memory);
    tsdu_queue_put(&queue, hex(""), true);
    tsdu_queue_put(&queue, hex("05"), true);
    EXPECT_EQUAL(tsdu_queue_front(&queue, &front), true);
    EXPECT_EQUAL(front.length, 0);
    EXPECT_EQUAL(front.complete, true);
    tsdu_queue_drop(&queue, 0);
    EXPECT_OCTETS(take(&queue), "05");
}

static void test_reading_in_parts_keeps_the_rest(void)
{
    uint8_t memory[64];
    uint8_t part[2];
    struct tsdu_queue queue;
    struct tsdu_front front;

    tsdu_queue_init(&queue, memory, sizeof memory);
    tsdu_queue_put(&queue, hex("01 02 03 04 05"), true);
    EXPECT_EQUAL(tsdu_queue_copy(&queue, 1, part, 2), 2);
    EXPECT_OCTETS(octets_of(part, 2), "02 03");
    EXPECT_EQUAL(tsdu_queue_copy(&queue, 5, part, 2), 0);
    EXPECT_EQUAL(tsdu_queue_copy(&queue, 9, part, 2), 0);
    tsdu_queue_drop(&queue, 3);
    tsdu_queue_front(&queue, &front);
    EXPECT_EQUAL(front.length, 2);
    EXPECT_EQUAL(front.complete, true);
    EXPECT_OCTETS(take(&queue), "04 05");
}

static void test_unfinished_tsdu_can_be_read_as_it_grows(void)
{
    uint8_t memory[64];
    struct tsdu_queue queue;
    struct tsdu_front front;

    tsdu_queue_init(&queue, memory, sizeof memory);
    tsdu_queue_put(&queue, hex("01 02"), false);
    EXPECT_OCTETS(take(&queue), "01 02");
    EXPECT_EQUAL(tsdu_queue_front(&queue, &front), true);
    EXPECT_EQUAL(front.length, 0);
    EXPECT_EQUAL(front.complete, false);
    tsdu_queue_put(&queue, hex("03"), true);
    EXPECT_OCTETS(take(&queue), "03");
    EXPECT_EQUAL(tsdu_queue_front(&queue, &front), false);
}

static void test_what_does_not_fit_changes_nothing(void)
{
    uint8_t memory[8];
    struct tsdu_queue queue;

    tsdu_queue_init(&queue, memory, sizeof memory);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex("01 02 03 04 05"), true), false);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex("01 02 03"), false), true);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex("04 05"), true), false);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex("04"), true), true);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex(""), true), false);
    EXPECT_OCTETS(take(&queue), "01 02 03 04");
}

static void test_no_memory_no_room(void)
{
    struct tsdu_queue queue;

    tsdu_queue_init(&queue, NULL, 0);
    EXPECT_EQUAL(tsdu_queue_room(&queue), 0);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex(""), true), false);
    tsdu_queue_drop(&queue, 1);
    EXPECT_EQUAL(queue.used, 0);
}

static void test_dropping_more_than_there_is(void)
{
    uint8_t memory[64];
    struct tsdu_queue queue;

    tsdu_queue_init(&queue, memory, sizeof memory);
    tsdu_queue_put(&queue, hex("01 02"), true);
    tsdu_queue_put(&queue, hex("03"), true);
    tsdu_queue_drop(&queue, 99);
    EXPECT_OCTETS(take(&queue), "03");
}

static void test_the_last_octets_of_memory_are_used(void)
{
    uint8_t memory[4];
    struct tsdu_queue queue;
    struct tsdu_front front;

    tsdu_queue_init(&queue, memory, sizeof memory);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex(""), true), true);
    EXPECT_EQUAL(tsdu_queue_front(&queue, &front), true);
}

/* The longest TSDU that is read as a whole still leaves room for the octets of the
 * stream that end it. */
static void test_the_overhead_keeps_room_for_the_end(void)
{
    uint8_t memory[10 + TSDU_QUEUE_OVERHEAD];
    struct tsdu_queue queue;

    tsdu_queue_init(&queue, memory, sizeof memory);
    EXPECT_EQUAL(tsdu_queue_room(&queue), 11);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex("41*10"), false), true);
    EXPECT_EQUAL(tsdu_queue_room(&queue), 1);
    EXPECT_EQUAL(tsdu_queue_put(&queue, hex(""), true), true);
    EXPECT_OCTETS(take(&queue), "41*10");
}

/* Every start position in the ring, every length, against a plain copy. */
static void test_the_ring_closes_everywhere(void)
{
    uint8_t memory[23];
    uint8_t pattern[19];
    struct tsdu_queue queue;

    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i + 1);
    tsdu_queue_init(&queue, memory, sizeof memory);
    for (size_t i = 0; i < 23 * 20; i++) {
        struct octets whole = octets_of(pattern, i % 20);
        size_t cut = i % 7;

        EXPECT_EQUAL(tsdu_queue_put(&queue, octets_front(whole, cut), false), true);
        EXPECT_EQUAL(tsdu_queue_put(&queue, octets_after(whole, cut), true), true);
        if (i % 3 == 0 && whole.length > 2) {
            tsdu_queue_drop(&queue, 2);
            whole = octets_after(whole, 2);
        }
        CU_ASSERT(octets_equal(take(&queue), whole));
        EXPECT_EQUAL(queue.used, 0);
    }
}

CU_TestInfo tsdu_queue_tests[] = {
    {"TSDUs come out as they went in", test_tsdus_come_out_as_they_went_in},
    {"empty TSDU is a TSDU", test_empty_tsdu_is_a_tsdu},
    {"reading in parts keeps the rest", test_reading_in_parts_keeps_the_rest},
    {"unfinished TSDU can be read as it grows",
     test_unfinished_tsdu_can_be_read_as_it_grows},
    {"what does not fit changes nothing", test_what_does_not_fit_changes_nothing},
    {"no memory, no room", test_no_memory_no_room},
    {"dropping more than there is", test_dropping_more_than_there_is},
    {"the last octets of memory are used", test_the_last_octets_of_memory_are_used},
    {"the overhead keeps room for the end", test_the_overhead_keeps_room_for_the_end},
    {"the ring closes everywhere", test_the_ring_closes_everywhere},
    CU_TEST_INFO_NULL,
};
