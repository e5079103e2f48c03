#include "heap/map.h"

#include "testing_python.h"

/* Addresses are all that a map sees of its objects: here they are made up. */
static PyObject *
at(uintptr_t i)
{
    return (PyObject *)(0x10000 + i * 16);
}

static void
objects_get_numbers_in_the_order_of_their_coming(void **state)
{
    HeapMap m;
    assert_int_equal(heap_map_init(&m, 0), 0);
    assert_int_equal(heap_map_add(&m, at(7)), 0);
    assert_int_equal(heap_map_add(&m, at(3)), 1);
    assert_int_equal(heap_map_add(&m, at(7)), 0);
    assert_int_equal(heap_map_find(&m, at(3)), 1);
    assert_int_equal(heap_map_find(&m, at(4)), HEAP_MAP_NONE);
    assert_int_equal(m.count, 2);
    heap_map_done(&m);
}

static void
a_map_grows_and_forgets_nobody(void **state)
{
    enum { MANY = 100000 };
    HeapMap m;
    assert_int_equal(heap_map_init(&m, 10), 0);
    for (uint32_t i = 0; i < MANY; i++) {
        heap_map_expect(&m, at((uintptr_t)i * 37));
        heap_map_expect_number(&m, at((uintptr_t)i * 37));
        assert_int_equal(heap_map_add(&m, at((uintptr_t)i * 37)), i);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(heap_map_find(&m, at((uintptr_t)i * 37)), i);
        assert_ptr_equal(m.objects[i], at((uintptr_t)i * 37));
    }
    heap_map_done(&m);
}

static void
an_object_costs_less_than_thirty_bytes(void **state)
{
    HeapMap m;
    assert_int_equal(heap_map_init(&m, 1000000), 0);
    assert_in_range(heap_map_memory(&m), 1000000, 30000000);
    heap_map_done(&m);
}

/* What fails has no exception: the caller has one to set. */
static int
fill(void)
{
    __attribute__((cleanup(heap_map_done_slot))) HeapMap m;
    if (heap_map_init(&m, 0) < 0)
        return PyErr_NoMemory(), -1;
    for (uintptr_t i = 0; i < 5000; i++)
        if (heap_map_add(&m, at(i)) == HEAP_MAP_NONE)
            return PyErr_NoMemory(), -1;
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(fill);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_get_numbers_in_the_order_of_their_coming),
        cmocka_unit_test(a_map_grows_and_forgets_nobody),
        cmocka_unit_test(an_object_costs_less_than_thirty_bytes),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, testing_start, testing_stop);
}
