#include "negotiation.h"

#include "expect.h"

enum { BOTH = NEGOTIATION_CLASS_0 | NEGOTIATION_CLASS_2 };

/* What a CR says. */
#define CLASS_2 .class_option = 0x21
#define OFFERS(text) .alternatives = {(const uint8_t *)(text), sizeof(text) - 1}

struct answer {
    const char *name;
    struct negotiation_terms terms;
    struct tpdu request;
    int class_option; /* of the CC, or -1 for a refusal */
    uint32_t size;
    uint32_t preferred;
    uint32_t agreed;
};

static const struct answer answers[] = {
    /* Classes. */
    {.name = "class 2, both allowed",
     .terms = {BOTH, 2048},
     .request = {CLASS_2, .size = 2048},
     .class_option = 0x21,
     .size = 2048,
     .agreed = 2048},
    {.name = "class 2 with an alternative",
     .terms = {BOTH, 2048},
     .request = {CLASS_2, OFFERS("\x00"), .size = 2048},
     .class_option = 0x21,
     .size = 2048,
     .agreed = 2048},
    {.name = "class 2, we know class 0 only, it is an alternative",
     .terms = {NEGOTIATION_CLASS_0, 2048},
     .request = {CLASS_2, OFFERS("\x10\x00"), .size = 2048},
     .class_option = 0x00,
     .size = 2048,
     .agreed = 2048},
    {.name = "class 2, we know class 0 only",
     .terms = {NEGOTIATION_CLASS_0, 2048},
     .request = {CLASS_2},
     .class_option = -1},
    {.name = "class 2 with explicit flow control",
     .terms = {BOTH, 2048},
     .request = {.class_option = 0x20},
     .class_option = -1},
    {.name = "class 2 with explicit flow control, or class 0",
     .terms = {BOTH, 2048},
     .request = {.class_option = 0x20, OFFERS("\x00"), .size = 128},
     .class_option = 0x00,
     .size = 128,
     .agreed = 128},
    {.name = "class 2 in extended format: the normal one will do",
     .terms = {BOTH, 2048},
     .request = {.class_option = 0x23, .size = 2048},
     .class_option = 0x21,
     .size = 2048,
     .agreed = 2048},
    {.name = "class 4, or class 2",
     .terms = {BOTH, 2048},
     .request = {.class_option = 0x41, OFFERS("\x30\x20"), .size = 2048},
     .class_option = 0x21,
     .size = 2048,
     .agreed = 2048},
    {.name = "class 0",
     .terms = {BOTH, 2048},
     .request = {.size = 1024},
     .class_option = 0x00,
     .size = 1024,
     .agreed = 1024},
    {.name = "class 0, we want class 2",
     .terms = {NEGOTIATION_CLASS_2, 2048},
     .request = {.size = 1024},
     .class_option = -1},
    {.name = "class 1",
     .terms = {BOTH, 2048},
     .request = {.class_option = 0x10},
     .class_option = -1},
    {.name = "class 3",
     .terms = {BOTH, 2048},
     .request = {.class_option = 0x30},
     .class_option = -1},
    {.name = "class 4",
     .terms = {BOTH, 2048},
     .request = {.class_option = 0x40},
     .class_option = -1},
    {.name = "class 15",
     .terms = {BOTH, 2048},
     .request = {.class_option = 0xF1},
     .class_option = -1},
    /* Sizes. */
    {.name = "larger than ours",
     .terms = {BOTH, 2048},
     .request = {CLASS_2, .size = 8192},
     .class_option = 0x21,
     .size = 2048,
     .agreed = 2048},
    {.name = "larger than ours, which is no power of two",
     .terms = {BOTH, 3000},
     .request = {CLASS_2, .size = 8192},
     .class_option = 0x21,
     .size = 2048,
     .agreed = 2048},
    {.name = "larger than X.224 knows",
     .terms = {BOTH, 65531},
     .request = {CLASS_2, .size = 65531},
     .class_option = 0x21,
     .size = 65531,
     .agreed = 65531},
    {.name = "preferred",
     .terms = {BOTH, 65531},
     .request = {CLASS_2, .size = 8192, .preferred = 65408},
     .class_option = 0x21,
     .preferred = 65408,
     .agreed = 65408},
    {.name = "preferred larger than ours",
     .terms = {BOTH, 3000},
     .request = {CLASS_2, .preferred = 65408},
     .class_option = 0x21,
     .preferred = 2944,
     .agreed = 2944},
    {.name = "neither has a wish",
     .terms = {BOTH, 65531},
     .request = {CLASS_2},
     .class_option = 0x21,
     .agreed = 65531},
    {.name = "only we have a wish",
     .terms = {BOTH, 4096},
     .request = {CLASS_2},
     .class_option = 0x21,
     .size = 4096,
     .agreed = 4096},
};

static void test_answers_stay_within_both_terms(void)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct answer *row = &answers[i];
        struct negotiation_result result = {0};
        struct tpdu confirm = {.type = TPDU_CC};
        bool accepted =
            negotiation_answer(&row->terms, &row->request, &confirm, &result);

        expect_about(row->name);
        EXPECT_EQUAL(accepted, row->class_option >= 0);
        if (!accepted)
            continue;
        EXPECT_EQUAL(confirm.class_option, row->class_option);
        /* Without it X.224 would mean "expedited data": said in class 2, not in class
         * 0. */
        EXPECT_EQUAL(confirm.has_additional, row->class_option != 0);
        EXPECT_EQUAL(confirm.size, row->size);
        EXPECT_EQUAL(confirm.preferred, row->preferred);
        EXPECT_EQUAL(result.tpdu_size, row->agreed);
        EXPECT_EQUAL(result.format, row->class_option ? TPDU_CLASS_2 : TPDU_CLASS_0);
    }
    expect_about(NULL);
}

static const struct {
    const char *name;
    struct negotiation_terms terms;
    uint8_t class_option;
    size_t alternatives;
    uint32_t size;
    uint32_t preferred;
} proposals[] = {
    {"class 2", {NEGOTIATION_CLASS_2, 2048}, 0x21, 0, 2048, 0},
    {"both", {BOTH, 2048}, 0x21, 1, 2048, 0},
    {"class 0", {NEGOTIATION_CLASS_0, 65531}, 0x00, 0, 8192, 0},
    {"the smallest", {BOTH, 128}, 0x21, 1, 128, 0},
    {"no power of two", {BOTH, 3000}, 0x21, 1, 2048, 2944},
    {"a little more than a power of two", {BOTH, 2100}, 0x21, 1, 2048, 0},
    {"more than X.224 knows", {BOTH, 16384}, 0x21, 1, 8192, 16384},
    {"the largest", {BOTH, 65531}, 0x21, 1, 8192, 65408},
};

static void test_proposals_say_our_terms(void)
{
    for (size_t i = 0; i < sizeof proposals / sizeof *proposals; i++) {
        struct tpdu request = {.type = TPDU_CR};

        expect_about(proposals[i].name);
        negotiation_propose(&proposals[i].terms, &request);
        EXPECT_EQUAL(request.class_option, proposals[i].class_option);
        EXPECT_EQUAL(request.alternatives.length, proposals[i].alternatives);
        EXPECT_EQUAL(request.has_additional, proposals[i].class_option != 0);
        EXPECT_EQUAL(request.size, proposals[i].size);
        EXPECT_EQUAL(request.preferred, proposals[i].preferred);
    }
    expect_about(NULL);
}

struct conclusion {
    const char *name;
    struct negotiation_terms terms;
    struct tpdu confirm;
    uint32_t agreed; /* or 0 for a refusal */
};

static const struct conclusion conclusions[] = {
    {"as proposed", {BOTH, 2048}, {CLASS_2, .size = 2048}, 2048},
    {"smaller", {BOTH, 2048}, {CLASS_2, .size = 128}, 128},
    {"larger", {BOTH, 2048}, {CLASS_2, .size = 4096}, 0},
    {"no size", {BOTH, 2048}, {CLASS_2}, 2048},
    {"no size, one was preferred", {BOTH, 65531}, {CLASS_2}, 65408},
    {"preferred", {BOTH, 65531}, {CLASS_2, .preferred = 65408}, 65408},
    {"preferred ignored", {BOTH, 65531}, {CLASS_2, .size = 8192}, 8192},
    {"preferred larger", {BOTH, 16384}, {CLASS_2, .preferred = 16512}, 0},
    {"preferred unasked", {BOTH, 2048}, {CLASS_2, .preferred = 128}, 0},
    {"class 0 as offered", {BOTH, 2048}, {.size = 2048}, 2048},
    {"class 0 not offered", {NEGOTIATION_CLASS_2, 2048}, {.size = 2048}, 0},
    {"class 0 as proposed", {NEGOTIATION_CLASS_0, 2048}, {.size = 2048}, 2048},
    {"class 0 with options", {BOTH, 2048}, {.class_option = 0x01}, 0},
    {"class 2 not offered", {NEGOTIATION_CLASS_0, 2048}, {CLASS_2}, 0},
    {"flow control", {BOTH, 2048}, {.class_option = 0x20}, 0},
    {"extended", {BOTH, 2048}, {.class_option = 0x23}, 0},
    {"class 1", {BOTH, 2048}, {.class_option = 0x10}, 0},
    {"class 4", {BOTH, 2048}, {.class_option = 0x40}, 0},
    {"expedited data",
     {BOTH, 2048},
     {CLASS_2, .has_additional = true, .additional = TPDU_ADDITIONAL_EXPEDITED},
     0},
    {"options of class 4",
     {BOTH, 2048},
     {CLASS_2, .has_additional = true, .additional = 0x10},
     2048},
};

static void test_answers_may_not_exceed_the_proposal(void)
{
    for (size_t i = 0; i < sizeof conclusions / sizeof *conclusions; i++) {
        const struct conclusion *row = &conclusions[i];
        struct negotiation_result result = {0};

        expect_about(row->name);
        EXPECT_EQUAL(negotiation_conclude(&row->terms, &row->confirm, &result),
                     row->agreed != 0);
        if (row->agreed != 0)
            EXPECT_EQUAL(result.tpdu_size, row->agreed);
    }
    expect_about(NULL);
}

/* Whatever two sets of terms meet, both ends come to the same or to nothing. */
static void test_both_ends_conclude_the_same(void)
{
    static const uint32_t sizes[] = {128, 200, 2048, 3000, 8192, 20000, 65408, 65531};
    size_t count = sizeof sizes / sizeof *sizes;

    for (size_t i = 0; i < 9 * count * count; i++) {
        struct negotiation_terms ours = {1 + i % 3, sizes[i / 9 % count]};
        struct negotiation_terms theirs = {1 + i / 3 % 3, sizes[i / 9 / count]};
        struct tpdu request = {.type = TPDU_CR};
        struct tpdu confirm = {.type = TPDU_CC};
        struct negotiation_result here;
        struct negotiation_result there;

        negotiation_propose(&ours, &request);
        if (!negotiation_answer(&theirs, &request, &confirm, &there))
            continue;
        EXPECT_EQUAL(negotiation_conclude(&ours, &confirm, &here), true);
        EXPECT_EQUAL(here.tpdu_size, there.tpdu_size);
        EXPECT_EQUAL(here.format, there.format);
        CU_ASSERT(here.tpdu_size <= ours.tpdu_size);
        CU_ASSERT(here.tpdu_size <= theirs.tpdu_size);
    }
}

CU_TestInfo negotiation_tests[] = {
    {"answers stay within both terms", test_answers_stay_within_both_terms},
    {"proposals say our terms", test_proposals_say_our_terms},
    {"answers may not exceed the proposal", test_answers_may_not_exceed_the_proposal},
    {"both ends conclude the same", test_both_ends_conclude_the_same},
    CU_TEST_INFO_NULL,
};
