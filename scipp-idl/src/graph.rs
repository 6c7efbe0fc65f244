//! Strongly connected components, without recursion.

/// The component of each node, by its number: nodes have the same one iff each can be reached from the other. A
/// component has a higher number than those that it leads to.
pub(crate) fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    const NEW: usize = usize::MAX;
    let count = edges.len();
    let mut index = vec![NEW; count];
    let mut low = vec![0; count];
    let mut component = vec![NEW; count];
    let mut stack = Vec::new();
    let mut next_index = 0;
    let mut next_component = 0;
    for start in 0..count {
        if index.get(start) != Some(&NEW) {
            continue;
        }
        let mut path = vec![(start, 0)];
        while let Some((node, edge)) = path.last_mut() {
            let node = *node;
            if *edge == 0 {
                set(&mut index, node, next_index);
                set(&mut low, node, next_index);
                next_index += 1;
                stack.push(node);
            }
            let target = edges.get(node).and_then(|it| it.get(*edge)).copied();
            *edge += 1;
            match target {
                Some(target) if get(&index, target) == NEW && target < count => {
                    path.push((target, 0));
                }
                Some(target) => {
                    if get(&component, target) == NEW {
                        let least = get(&low, node).min(get(&index, target));
                        set(&mut low, node, least);
                    }
                }
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        let least = get(&low, *parent).min(get(&low, node));
                        set(&mut low, *parent, least);
                    }
                    if get(&low, node) == get(&index, node) {
                        while let Some(member) = stack.pop() {
                            set(&mut component, member, next_component);
                            if member == node {
                                break;
                            }
                        }
                        next_component += 1;
                    }
                }
            }
            // A node without edges has been left above; one with edges is not entered a second time.
        }
    }
    component
}

fn get(list: &[usize], at: usize) -> usize {
    list.get(at).copied().unwrap_or(usize::MAX)
}

fn set(list: &mut [usize], at: usize, value: usize) {
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_one_component_and_comes_after_what_it_leads_to() {
        let edges = [vec![1], vec![2], vec![0, 3], vec![], vec![0]];
        let of = components(&edges);
        assert!(of[0] == of[1] && of[1] == of[2]);
        assert!(of[3] < of[0] && of[0] < of[4]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<Vec<usize>> = (1..=100_000)
            .map(|next| vec![next])
            .chain([vec![]])
            .collect();
        assert_eq!(components(&edges).first(), Some(&100_000));
    }
}
